#include "kernels/conv/conv2d_onednn.h"

#include "engine/device/host_context.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

struct Row {
  const char* name;
  int64_t n, c, h, w, k, r, s;
  Conv2dParams params;
};

// The shapes of the U-Net (ResNet34 encoder; middle, decoder with 99 and 300 channels) and of VGG16 at 64 pixels.
TEST_CASE("oneDNN has a fast implementation for every shape of the networks") {
  HostContext context({.threads = 2});
  if (context.isa() == Isa::baseline) return;
  const Row shapes[] = {
      {"encoder.0", 2, 3, 64, 64, 64, 7, 7, {2, 3}},
      {"encoder.4", 2, 64, 16, 16, 64, 3, 3, {1, 1}},
      {"encoder.5.0", 2, 64, 16, 16, 128, 3, 3, {2, 1}},
      {"encoder.5.0.down", 2, 64, 16, 16, 128, 1, 1, {2, 0}},
      {"encoder.7", 2, 512, 2, 2, 512, 3, 3, {1, 1}},
      {"middle", 2, 512, 2, 2, 1024, 3, 3, {1, 1}},
      {"decoder.shuffle", 2, 512, 2, 2, 1024, 1, 1, {}},
      {"decoder.conv", 2, 300, 8, 8, 300, 3, 3, {1, 1}},
      {"last.shuffle", 2, 300, 32, 32, 1200, 1, 1, {}},
      {"last.cross", 2, 99, 64, 64, 99, 3, 3, {1, 1}},
      {"last", 2, 99, 64, 64, 3, 1, 1, {}},
      {"attention.query", 2, 300, 16, 16, 37, 1, 1, {}},
      {"vgg.0", 2, 3, 64, 64, 64, 3, 3, {1, 1}},
      {"vgg.7", 2, 128, 32, 32, 128, 3, 3, {1, 1}},
      {"vgg.40", 2, 512, 4, 4, 512, 3, 3, {1, 1}},
      {"critic", 2, 128, 31, 31, 256, 4, 4, {2, 1}},
      {"critic.last", 2, 256, 16, 16, 1, 4, 4, {1, 0}},
  };
  for (const Row& row : shapes) {
    for (DType dtype : {DType::f32, DType::bf16}) {
      for (auto pass : {Conv2dPass::forward, Conv2dPass::backward_input, Conv2dPass::backward_weight}) {
        std::string name = onednn::conv2d_implementation(context, pass, {row.n, row.c, row.h, row.w},
                                                         {row.k, row.c, row.r, row.s}, row.params, dtype);
        CAPTURE(row.name);
        CAPTURE(name_of(dtype));
        CAPTURE(name);
        CHECK(name.find("ref") != 0);
        CHECK(name.find("gemm") != 0);
      }
    }
  }
}

}  // namespace
}  // namespace cuunet
