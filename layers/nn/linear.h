// torch.nn.Linear: y = x·weightᵀ + bias. x: [..., in] → [..., out].
#pragma once

#include "layers/module/module.h"

namespace cuunet {

struct LinearOptions {
  int64_t in, out;
};

class Linear final : public Module {
 public:
  Linear(const Placement& placement, const LinearOptions& options);
  void initialise(uint64_t seed) override;  // torchvision's: N(0, 0.01²), zero bias

 private:
  Var forward(const Var& x) override;
  Parameter &weight_, &bias_;
};

}  // namespace cuunet
