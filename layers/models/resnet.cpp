#include "layers/models/resnet.h"

#include "autograd/ops/activation.h"
#include "autograd/ops/arithmetic.h"
#include "autograd/ops/pool.h"
#include "autograd/ops/reduce.h"
#include "autograd/ops/shape.h"
#include "layers/nn/linear.h"

namespace cuunet {
namespace {

constexpr std::array<ResNetArchitecture, 4> architectures{{{"resnet18", {2, 2, 2, 2}, false},
                                                           {"resnet34", {3, 4, 6, 3}, false},
                                                           {"resnet50", {3, 4, 6, 3}, true},
                                                           {"resnet101", {3, 4, 23, 3}, true}}};

Conv2dOptions plain_conv(int64_t in, int64_t out, int kernel, int stride) {
  return {.in = in,
          .out = out,
          .kernel = kernel,
          .stride = stride,
          .padding = kernel / 2,
          .bias = false,
          .initial_fan = Fan::out};
}

// Stage i of four of a network of this width: its blocks, the first of which halves the map (but for stage 0).
void append_blocks(Sequential& stage, const ResNetArchitecture& architecture, int i, int64_t width, int64_t& channels) {
  width <<= i;
  for (int block = 0; block < architecture.blocks[static_cast<size_t>(i)]; ++block) {
    int stride = i > 0 && block == 0 ? 2 : 1;
    stage.append<ResNetBlock>(ResNetBlockOptions{channels, width, stride, architecture.bottleneck});
    channels = width * architecture.expansion();
  }
}

}  // namespace

const ResNetArchitecture& resnet_named(const std::string& name) {
  for (const ResNetArchitecture& architecture : architectures) {
    if (name == architecture.name) return architecture;
  }
  throw UsageError("encoder takes resnet18, resnet34, resnet50 or resnet101, got '{}'", name);
}

ResNetBlock::ResNetBlock(const Placement& placement, const ResNetBlockOptions& options) : Module(placement) {
  auto step = [&](int number, int64_t in, int64_t out, int kernel, int stride) {
    Conv2d& conv = add<Conv2d>("conv" + std::to_string(number), plain_conv(in, out, kernel, stride));
    BatchNorm2d& bn = add<BatchNorm2d>("bn" + std::to_string(number), BatchNorm2dOptions{out});
    steps_.emplace_back(conv, bn);
  };
  int64_t out = options.width * (options.bottleneck ? 4 : 1);
  if (options.bottleneck) {
    step(1, options.in, options.width, 1, 1);
    step(2, options.width, options.width, 3, options.stride);
    step(3, options.width, out, 1, 1);
  } else {
    step(1, options.in, options.width, 3, options.stride);
    step(2, options.width, options.width, 3, 1);
  }
  if (options.stride != 1 || options.in != out) {
    Sequential& downsample = add<Sequential>("downsample");
    Conv2d& conv = downsample.append<Conv2d>(plain_conv(options.in, out, 1, options.stride));
    shortcut_.emplace(conv, downsample.append<BatchNorm2d>(BatchNorm2dOptions{out}));
  }
}

Var ResNetBlock::forward(const Var& x) {
  Var y = x;
  for (size_t i = 0; i < steps_.size(); ++i) y = steps_[i](y, i + 1 < steps_.size());
  return add_relu(y, shortcut_ ? (*shortcut_)(x, false) : x);
}

ResNetBody::ResNetBody(const Placement& placement, const ResNetBodyOptions& options) : Sequential(placement) {
  int64_t channels = options.width;
  Conv2d& conv1 = append<Conv2d>(Conv2dOptions{.in = options.in_channels,
                                               .out = channels,
                                               .kernel = 7,
                                               .stride = 2,
                                               .padding = 3,
                                               .bias = false,
                                               .initial_fan = Fan::out});
  stem_.emplace(conv1, append<BatchNorm2d>(BatchNorm2dOptions{channels}));
  append<ReLU>();
  append<MaxPool2d>(MaxPool2dOptions{.kernel = 3, .stride = 2, .padding = 1});
  channels_.fill(channels);
  for (int i = 0; i < 4; ++i) {
    append_blocks(append<Sequential>(), options.architecture, i, options.width, channels);
    channels_[static_cast<size_t>(4 + i)] = channels;
  }
}

Var ResNetBody::run(const Var& x, std::array<Var, 8>& features) {
  return call(x, [&] {
    Var y = features[2] = (*stem_)(x, true);  // children 0, 1, 2
    for (size_t i = 3; i < size(); ++i) {
      y = (*this)[i](y);
      if (i >= 4 && i < 7) features[i] = y;
    }
    return y;
  });
}

ResNet::ResNet(const Placement& placement, const ResNetArchitecture& architecture, int64_t classes)
    : Module(placement) {
  constexpr int64_t width = 64;
  Conv2d& conv1 = add<Conv2d>("conv1", plain_conv(3, width, 7, 2));
  stem_.emplace(conv1, add<BatchNorm2d>("bn1", BatchNorm2dOptions{width}));
  int64_t channels = width;
  for (int i = 0; i < 4; ++i) {
    stages_[static_cast<size_t>(i)] = &add<Sequential>("layer" + std::to_string(i + 1));
    append_blocks(*stages_[static_cast<size_t>(i)], architecture, i, width, channels);
  }
  fc_ = &add<Linear>("fc", LinearOptions{channels, classes});
}

Var ResNet::forward(const Var& x) {
  Var y = (*stem_)(x, true);
  y = max_pool2d(y, {.kernel = 3, .stride = 2, .padding = 1});
  for (Sequential* stage : stages_) y = (*stage)(y);
  y = adaptive_avg_pool2d(y);  // [N, C, 1, 1]
  return (*fc_)(flatten(y));
}

}  // namespace cuunet
