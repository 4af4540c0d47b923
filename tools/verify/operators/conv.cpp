#include "autograd/ops/conv.h"

#include "kernels/device/error.h"
#include "tools/verify/operators/operators.h"

namespace cuunet {

PaddingMode padding_mode_named(const std::string& name) {
  for (PaddingMode mode : {PaddingMode::zeros, PaddingMode::reflect, PaddingMode::replicate}) {
    if (name == name_of(mode)) return mode;
  }
  throw Error("no padding mode is called '{}'", name);
}

void run_conv2d(CaseRun& run) {
  Conv2dParams params{.stride = run.config<int>("stride"),
                      .padding = run.config<int>("padding"),
                      .padding_mode = padding_mode_named(run.config<std::string>("padding_mode"))};
  run.result(conv2d(run.input("input"), run.parameter("weight"), run.optional_parameter("bias"), params));
}

void run_conv_transpose2d(CaseRun& run) {
  ConvTranspose2dParams params{.stride = run.config<int>("stride"), .padding = run.config<int>("padding")};
  run.result(conv_transpose2d(run.input("input"), run.parameter("weight"), run.optional_parameter("bias"), params));
}

void run_conv1d(CaseRun& run) {
  run.result(conv1d(run.input("input"), run.parameter("weight"), run.optional_parameter("bias")));
}

}  // namespace cuunet
