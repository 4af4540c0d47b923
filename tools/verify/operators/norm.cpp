#include "autograd/ops/norm.h"

#include "autograd/ops/activation.h"
#include "autograd/ops/conv.h"
#include "tools/verify/operators/operators.h"

namespace cuunet {
namespace {

BatchNormParams params_of(const CaseRun& run) {
  return {.training = run.training(), .eps = run.config<double>("eps"), .momentum = run.config<double>("momentum")};
}

struct RunningStatistics {
  Tensor mean, var;

  explicit RunningStatistics(const CaseRun& run) : mean(run.state("running_mean")), var(run.state("running_var")) {}
  void compare(CaseRun& run, const std::string& suffix) const {
    run.output("running_mean" + suffix, mean);
    run.output("running_var" + suffix, var);
  }
};

// With momentum 1 the running statistics become the batch's own; the variance is then the unbiased one.
void compare_batch_statistics(CaseRun& run, const Var& x, const Var& weight, const Var& bias) {
  NoGrad no_grad;
  RunningStatistics batch(run);
  BatchNormParams params = params_of(run);
  params.momentum = 1;
  batch_norm(x, weight, bias, batch.mean, batch.var, params);
  run.output("batch_mean", batch.mean);
  auto count = static_cast<double>(x.value().elements()) / static_cast<double>(batch.mean.elements());
  std::vector<double> biased = batch.var.to_host();
  for (double& v : biased) v *= (count - 1) / count;
  run.output("batch_var_biased", biased);
}

// Several training forwards in a row, without gradients.
void run_batch_norm_steps(CaseRun& run) {
  Var weight = run.parameter("weight"), bias = run.parameter("bias"), y;
  RunningStatistics running(run);
  for (int step = 0; step < run.config<int>("steps"); ++step) {
    std::string number = std::to_string(step);
    y = batch_norm(run.input("input_" + number), weight, bias, running.mean, running.var, params_of(run));
    running.compare(run, "_" + number);
  }
  run.result(y);
}

}  // namespace

void run_batch_norm(CaseRun& run) {
  if (run.config<int>("steps", 1) > 1) return run_batch_norm_steps(run);
  Var x = run.input("input"), weight = run.parameter("weight"), bias = run.parameter("bias");
  RunningStatistics running(run);
  Var y = batch_norm(x, weight, bias, running.mean, running.var, params_of(run));
  run.result(y);
  if (!run.training()) return;
  running.compare(run, "_after");
  compare_batch_statistics(run, x, weight, bias);
}

void run_instance_norm(CaseRun& run) { run.result(instance_norm(run.input("input"), run.config<double>("eps"))); }

void run_conv_relu_bn(CaseRun& run) {
  Var x = run.input("input"), w = run.parameter("conv_weight");
  Var weight = run.parameter("weight"), bias = run.parameter("bias");
  RunningStatistics running(run);
  Var rectified = relu(conv2d(x, w, Var(), {.padding = run.config<int>("kernel") / 2}));
  run.result(batch_norm(rectified, weight, bias, running.mean, running.var, params_of(run)));
  if (run.training()) running.compare(run, "_after");
}

}  // namespace cuunet
