// One step of training a network on a loss: forward, loss, backward, schedule, optimiser. What goes in are tensors, so
// that training, resuming and the comparison with the original all compute through here.
#pragma once

#include "autograd/optim/optimizer.h"
#include "layers/losses/loss.h"
#include "layers/module/module.h"
#include "tools/training/one_cycle.h"
#include "tools/training/training_task.h"

#include <functional>
#include <memory>

namespace cuunet {

class DynamicUnet;

// fastai's: decoupled decay of every trained tensor, batch norms and biases too.
struct AdamSettings {
  double beta2 = 0.99, epsilon = 1e-8, weight_decay = 1e-3;
  WeightDecay decay = WeightDecay::decoupled;
};

// The learning-rate groups of a U-Net: encoder up to layer 2, encoder layers 3 and 4, the rest.
std::vector<ParameterGroup> parameter_groups(DynamicUnet& network);

class TrainingStep {
 public:
  // The parameters that train are those that are trainable now. `features` is the type of the feature maps (f32, bf16;
  // f64 with parameters in f64).
  TrainingStep(Module& network, Loss& loss, std::vector<ParameterGroup> groups, const AdamSettings& optimizer,
               const OneCycle& schedule, DType features);

  // input, target: [N, 3, H, W], ImageNet-normalised. The network must be in training mode. Gradients stay with the
  // parameters until the next step. When loss or gradients are not finite nothing is updated (but the batch norms'
  // running statistics have seen the batch). `meanwhile` is called when the device has forward and backward to do,
  // before this waits for their results.
  StepReport run(const Tensor& input, const Tensor& target, const std::function<void()>& meanwhile = {});

  // Where the first value that is not finite comes from when this batch is computed: the batch, a parameter, a layer's
  // output, a term of the loss, a gradient.
  std::string explain_fault(const Tensor& input, const Tensor& target);

  // The loss without an update, in the mode the network is in.
  Losses evaluate(const Tensor& input, const Tensor& target);
  Tensor predict(const Tensor& input);

  // How many updates of the schedule are done; resuming sets it.
  int64_t steps_done() const { return steps_done_; }
  void set_steps_done(int64_t steps);
  const Adam& optimizer() const { return optimizer_; }
  // exp_avg.<name>, exp_avg_sq.<name>; a checkpoint is read into them.
  std::vector<NamedTensor> optimizer_tensors() const;

 private:
  LossTerms forward(const Tensor& input, const Tensor& target);
  LossTerms forward_and_backward(const Tensor& input, const Tensor& target);

  Module& network_;
  Loss& loss_;
  Adam optimizer_;
  OneCycle schedule_;
  DType features_;
  int64_t steps_done_ = 0;
};

}  // namespace cuunet
