// torch.nn.BatchNorm2d: eps 1e-5, momentum 0.1, running variance unbiased. x: [N, C, H, W].
#pragma once

#include "layers/module/module.h"

namespace cuunet {

struct BatchNorm2dOptions {
  int64_t channels;
  double initial_bias = 0;  // fastai's own batch norms begin with 1e-3
};

class BatchNorm2d final : public Module {
 public:
  BatchNorm2d(const Placement& placement, const BatchNorm2dOptions& options);
  void initialise(uint64_t seed) override;  // weight 1, bias, mean 0, variance 1, no batches
  void set_affine_trainable(bool trainable);

  // Eval mode as y = scale·x + shift, per channel.
  struct Affine {
    std::vector<double> scale, shift;
  };
  Affine eval_affine() const;

 private:
  Var forward(const Var& x) override;

  BatchNorm2dOptions options_;
  Parameter &weight_, &bias_;
  Tensor &running_mean_, &running_var_, &batches_;
};

}  // namespace cuunet
