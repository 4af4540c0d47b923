// torch.nn.Dropout and Dropout2d: in training zeroes elements, or with per_map whole maps, with probability p and
// scales the rest by 1/(1 - p). N. Srivastava et al., "Dropout" (2014).
#pragma once

#include "layers/module/module.h"

namespace cuunet {

struct DropoutOptions {
  double p = 0.5;
  bool per_map = false;
};

class Dropout final : public Module {
 public:
  Dropout(const Placement& placement, const DropoutOptions& options) : Module(placement), options_(options) {}
  void initialise(uint64_t seed) override;  // names the draws by seed and path

  // How many masks have been drawn; a run that goes on sets it, and draws what it would have drawn.
  uint32_t draws() const { return draws_; }
  void set_draws(uint32_t draws) { draws_ = draws; }

 private:
  Var forward(const Var& x) override;
  DropoutOptions options_;
  uint64_t seed_ = 0;
  uint32_t draws_ = 0;
};

}  // namespace cuunet
