// What came out of a case beside what was expected, tensor by tensor.
#pragma once

#include "engine/tensor/tensor.h"
#include "tools/verify/case.h"
#include "tools/verify/tolerance.h"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace cuunet {

struct TensorResult {
  std::string name;
  int64_t compared = 0;  // numbers
  double share = 0;      // largest error in units of what is allowed; passes up to 1
  double tolerance = 0;  // what was allowed there; 0: equal bit for bit
  uint64_t bits = 0;     // a hash of all numbers found: equal when two runs gave the same bits
  std::string problem;   // of the worst element: where, found, expected

  bool passed() const { return share <= 1; }
};

class Comparison {
 public:
  using Outputs = std::map<std::string, std::vector<double>>;

  Comparison(const Case& which, DType precision, bool tf32 = false)
      : case_(which), precision_(precision), tf32_(tf32) {}
  virtual ~Comparison() = default;

  // From here on outputs are held against these instead of the case's own; for bf16, see operators/operators.cpp.
  void expect(Outputs yardstick) { yardstick_ = std::move(yardstick); }

  // An output of the case: against the stored tensor, its probes, or both, whichever the case has.
  void tensor(const std::string& name, const Tensor& found) { values(name, found.to_host(), found.dtype()); }
  virtual void values(const std::string& name, std::span<const double> found, DType stored_as = DType::f32);
  // A number the case states; the family knows how far it may be off. In f64: 1e-6 relative at most, or the same
  // roundings in double where the number is zero.
  void scalar(const std::string& name, double found, double expected, Tolerance tolerance);
  // Something that holds or does not, counted as one number.
  void fact(const std::string& name, bool holds, const std::string& problem);

  const std::map<std::string, TensorResult>& results() const { return results_; }

 private:
  std::optional<std::vector<double>> expected(const std::string& name) const;
  void compare(const std::string& name, std::span<const double> found, std::span<const double> expected,
               std::span<const double> allowed);
  void compare_elements(const std::string& name, std::span<const double> found, std::vector<double> expected,
                        DType stored_as);
  void compare_norm(const std::string& name, std::span<const double> found, std::span<const double> expected,
                    double allowed);
  void compare_probes(const std::string& name, std::span<const double> found, const std::array<double, 3>& expected);

  const Case& case_;
  DType precision_;
  bool tf32_;
  Outputs yardstick_;
  std::map<std::string, TensorResult> results_;
};

// Keeps the outputs of a run instead of comparing them.
class Collection final : public Comparison {
 public:
  using Comparison::Comparison;
  void values(const std::string& name, std::span<const double> found, DType) override {
    outputs_[name].assign(found.begin(), found.end());
  }
  Outputs& outputs() { return outputs_; }

 private:
  Outputs outputs_;
};

}  // namespace cuunet
