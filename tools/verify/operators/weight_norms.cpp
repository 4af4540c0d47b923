#include "autograd/ops/weight_norms.h"

#include "autograd/ops/conv.h"
#include "autograd/ops/linalg.h"
#include "kernels/device/error.h"
#include "tools/verify/operators/operators.h"

namespace cuunet {
namespace {

// The layer that a normalised weight is used in.
Var apply(CaseRun& run, const std::string& layer, const Var& x, const Var& weight, const Var& bias) {
  int stride = run.config<int>("stride", 1), padding = run.config<int>("padding", 0);
  if (layer == "conv2d") return conv2d(x, weight, bias, {.stride = stride, .padding = padding});
  if (layer == "conv_transpose2d") return conv_transpose2d(x, weight, bias, {.stride = stride, .padding = padding});
  if (layer == "conv1d") return conv1d(x, weight, bias);
  if (layer == "linear") return linear(x, weight, bias);
  throw Error("no layer is called '{}'", layer);
}

}  // namespace

void run_weight_norm(CaseRun& run) {
  Var x = run.input("input");
  Var weight = weight_norm(run.parameter("weight_g"), run.parameter("weight_v"));
  run.output("weight", weight.value());
  run.result(apply(run, "conv2d", x, weight, run.optional_parameter("bias")));
}

// Several training forwards in a row move u and v on; y and the gradients are the last one's.
void run_spectral_norm(CaseRun& run) {
  auto layer = run.config<std::string>("layer");
  SpectralNormParams params{.training = run.training(), .dim = layer == "conv_transpose2d" ? 1 : 0};
  Var x = run.input("input"), original = run.parameter("weight_orig"), bias = run.optional_parameter("bias"), weight;
  Tensor u = run.state("weight_u"), v = run.state("weight_v"), sigma;
  int steps = run.config<int>("steps");
  for (int step = 0; step < steps; ++step) {
    weight = spectral_norm(original, u, v, params, &sigma);
    std::string suffix = steps > 1 ? std::to_string(step) : "after";
    run.output("weight_u_" + suffix, u);
    run.output("weight_v_" + suffix, v);
  }
  run.output("weight", weight.value());
  run.output("sigma", sigma);
  run.result(apply(run, layer, x, weight, bias));
}

}  // namespace cuunet
