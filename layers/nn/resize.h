// Small modules of the U-Net's end: resize, concatenation with the input, scaled sigmoid.
#pragma once

#include "layers/module/module.h"

namespace cuunet {

// Nearest resize to a fixed size. PyTorch: torch.nn.functional.interpolate(x, (height, width), mode='nearest')
class NearestResize final : public Module {
 public:
  NearestResize(const Placement& placement, int64_t height, int64_t width)
      : Module(placement), height_(height), width_(width) {}

 private:
  Var forward(const Var& x) override;
  int64_t height_, width_;
};

// Channels of a, then of b. PyTorch: torch.cat([a, b], dim=1)
class Concatenate final : public Module {
 public:
  using Module::Module;
  Var operator()(const Var& a, const Var& b);
};

// sigmoid(x)·(high - low) + low
class SigmoidRange final : public Module {
 public:
  SigmoidRange(const Placement& placement, double low, double high) : Module(placement), low_(low), high_(high) {}

 private:
  Var forward(const Var& x) override;
  double low_, high_;
};

}  // namespace cuunet
