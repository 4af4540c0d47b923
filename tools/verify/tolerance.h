// How far a tensor may be from what a case expects, by precision.
//
//   f32   |got - want| <= absolute + relative·|want|, the case's own "tolerances"
//   f64   1e-6 of the tensor's largest value, or the f32 rule's roundings in double; probes, scalars: 1e-6 of their own
//   bf16, tf32  family ops only; see tolerance.cpp
//
// Where a case allows no difference at all (0/0), equality is bit for bit in every precision; an output that is stored
// as bf16 then equals the expected value's rounding.
#pragma once

#include "kernels/device/dtype.h"

#include <span>
#include <string>

namespace cuunet {

class Case;

struct Tolerance {
  double absolute = 0, relative = 0;
  bool of_norm = false;  // `absolute` is for the L2 norm of the whole difference, not for each element

  bool exact() const { return absolute == 0 && relative == 0; }
  double at(double expected) const { return absolute + relative * (expected < 0 ? -expected : expected); }
};

inline constexpr double f64_tolerance = 1e-6;

// `stored_as` is the type that the output was kept in. tf32: products of f32 round their operands.
Tolerance tolerance_of(const Case& which, const std::string& tensor, std::span<const double> expected, DType precision,
                       DType stored_as, bool tf32 = false);

// Whether the numbers of an output come through products, which tf32 changes.
bool comes_through_products(const Case& which, const std::string& tensor);

}  // namespace cuunet
