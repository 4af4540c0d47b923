// One checker for every CUDA source. A row names the tensors of an operator call; check_device runs it
//   - on the CPU in f64: the yardstick,
//   - on the host executor in f32 and bf16, with whole tensors, with channel slices that start aligned and unaligned,
//     in forward, reverse and shuffled thread order,
// and checks values against the yardstick, equal bits for all orders, zero pad lanes and untouched neighbours.
// Workspaces and outputs start as NaN.
#pragma once

#include "kernels/device/operator.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cuunet::simt {

enum class Role { input, output, updated };  // updated: read and written

struct TensorRow {
  Shape shape;
  Role role = Role::input;
  bool parameter = false;        // f32 when feature maps are bf16, and never a slice
  double offset = 0, scale = 1;  // values are offset + scale · u, u in [-1, 1)
};

// Largest |simt - f64| allowed, as a share of the tensor's largest |f64|.
struct DeviceTolerance {
  double f32 = 1e-6;        // a few roundings of 2^-24
  double bf16 = 1.0 / 256;  // one rounding of the result, 2^-9 of its value, doubled
};

struct DeviceCase {
  std::string name;
  std::vector<TensorRow> tensors;
  std::function<void(Context&, const std::vector<View>&)> run;
  DeviceTolerance tolerance = {};
  bool exact = false;  // values are k/16, k = 0 … 15, whose sums and products are exact: the bits of the yardstick
};

void check_device(const DeviceCase& row);

// A Context whose memory comes from malloc, one block per request, so that AddressSanitizer sees its ends; it starts
// as NaN.
class PlainContext final : public Context {
 public:
  explicit PlainContext(Device device, ThreadOrder order = ThreadOrder::forward);
  void* allocate(size_t bytes) override;
  void release(void* pointer, size_t bytes) override;
};

}  // namespace cuunet::simt
