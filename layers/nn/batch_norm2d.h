// torch.nn.BatchNorm2d: eps 1e-5, momentum 0.1, running variance unbiased. x: [N, C, H, W].
#pragma once

#include "autograd/ops/unet_join.h"
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

  Var with_relu(const Var& x);         // relu of its output, in one pass
  UnetSkip before_join(const Var& x);  // what unet_join takes to do its work

  // Eval mode as y = scale·x + shift, per channel.
  struct Affine {
    std::vector<double> scale, shift;
  };
  Affine eval_affine() const;

 private:
  Var forward(const Var& x) override;
  BatchNormParams next_batch();  // in training, the count grows

  BatchNorm2dOptions options_;
  Parameter &weight_, &bias_;
  Tensor &running_mean_, &running_var_, &batches_;
  double count_ = 0;  // what batches_ holds at the version below
  int64_t counted_at_ = -1;
};

}  // namespace cuunet
