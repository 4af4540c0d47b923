#include "layers/models/unet_generator.h"

#include "autograd/ops/activation.h"
#include "autograd/ops/arithmetic.h"
#include "autograd/ops/norm.h"
#include "autograd/ops/resample.h"
#include "kernels/device/error.h"
#include "layers/module/initialise.h"
#include "layers/nn/conv2d.h"
#include "layers/nn/conv_transpose2d.h"
#include "layers/nn/dropout.h"
#include "layers/nn/elementary.h"

#include <algorithm>

namespace cuunet {
namespace {

enum class Activation { leaky_relu, relu, tanh };

Var activate(const Var& x, Activation activation) {
  switch (activation) {
    case Activation::leaky_relu: return leaky_relu(x, 0.2);
    case Activation::relu: return relu(x);
    case Activation::tanh: return tanh(x);
  }
  return {};
}

struct BlockOptions {
  int64_t in, out;
  bool up;
  Activation activation;
  bool norm = true, dropout = false;
};

}  // namespace

// UnetBlock and ResidualUnetBlock: the state dict has `conv` and `residual` as lists, of which only the convolutions
// have entries.
class GeneratorBlock final : public Module {
 public:
  GeneratorBlock(const Placement& placement, const BlockOptions& block, const UnetGeneratorOptions& generator)
      : Module(placement),
        block_(block),
        upsamples_(block.up && generator.bilinear),
        residual_(generator.residual),
        conv_(convolution(block, upsamples_)),
        shortcut_(residual_ && !(block.up && block.in == block.out) ? &shortcut(block) : nullptr),
        dropout_(block.dropout ? &add<Dropout>("dropout", DropoutOptions{}) : nullptr) {}

 private:
  Module& convolution(const BlockOptions& block, bool upsamples) {
    auto& list = add<Sequential>("conv");
    if (upsamples) {  // resize, border and convolution; always with a bias
      return list.append_as<Conv2d>(
          "2", Conv2dOptions{.in = block.in, .out = block.out, .padding_mode = PaddingMode::reflect});
    }
    if (block.up) {
      return list.append<ConvTranspose2d>(
          ConvTranspose2dOptions{.in = block.in, .out = block.out, .bias = !block.norm});
    }
    return list.append<Conv2d>(Conv2dOptions{.in = block.in,
                                             .out = block.out,
                                             .kernel = 4,
                                             .stride = 2,
                                             .bias = !block.norm,
                                             .padding_mode = PaddingMode::reflect});
  }
  Module& shortcut(const BlockOptions& block) {
    auto& list = add<Sequential>("residual");
    if (!block.up) {
      return list.append<Conv2d>(
          Conv2dOptions{.in = block.in, .out = block.out, .kernel = 1, .stride = 2, .padding = 0});
    }
    return list.append<ConvTranspose2d>(
        ConvTranspose2dOptions{.in = block.in, .out = block.out, .kernel = 1, .padding = 0, .output_padding = 1});
  }

  Var forward(const Var& x) override {
    Var y = conv_(upsamples_ ? upsample(x, 2, Interpolation::bilinear) : x);
    if (block_.norm) y = instance_norm(y);
    y = activate(y, block_.activation);
    if (shortcut_ != nullptr) {
      y = cuunet::add(y, relu((*shortcut_)(x)));
    } else if (residual_) {  // ups.0: one pixel stands beside each of 2 × 2
      y = cuunet::add(y, interpolate_like(x, y, Interpolation::nearest));
    }
    return dropout_ != nullptr ? (*dropout_)(y) : y;
  }

  BlockOptions block_;
  bool upsamples_, residual_;
  Module& conv_;
  Module *shortcut_, *dropout_;
};

UnetGenerator::UnetGenerator(const Placement& placement, const UnetGeneratorOptions& options)
    : Module(placement), options_(options) {
  int n = options.downs;
  if (n < 3) throw UsageError("the generator takes at least 3 downs, got {}", n);
  if (n > 16 || options.input_size < int64_t{1} << (n + 2)) {
    throw UsageError("input_size {} is too small for {} downs: expected at least {}", options.input_size, n,
                     int64_t{1} << (std::min(n, 16) + 2));
  }
  int64_t f = options.features;
  auto channels = [f](int i) { return std::min(f << i, 8 * f); };
  auto block = [&](const std::string& name, const BlockOptions& b) { return &add<GeneratorBlock>(name, b, options); };
  initial_down_ =
      block("initial_down",
            {.in = options.in_channels, .out = f, .up = false, .activation = Activation::leaky_relu, .norm = false});
  auto& downs = add<Sequential>("downs");
  for (int i = 0; i < n; ++i) {
    downs_.push_back(&downs.append<GeneratorBlock>(
        BlockOptions{.in = channels(i), .out = channels(i + 1), .up = false, .activation = Activation::leaky_relu},
        options));
  }
  bottleneck_ =
      block("bottleneck", {.in = 8 * f, .out = 8 * f, .up = false, .activation = Activation::relu, .norm = false});
  auto& ups = add<Sequential>("ups");
  for (int j = 0; j <= n; ++j) {
    ups_.push_back(&ups.append<GeneratorBlock>(BlockOptions{.in = j == 0 ? 8 * f : 2 * channels(n + 1 - j),
                                                            .out = j == 0 ? 8 * f : channels(n - j),
                                                            .up = true,
                                                            .activation = Activation::relu,
                                                            .dropout = j < options.dropout_layers},
                                               options));
  }
  final_up_ = block(
      "final_up", {.in = 2 * f, .out = options.in_channels, .up = true, .activation = Activation::tanh, .norm = false});
}

void UnetGenerator::require_size(const Var& x) const {
  int64_t h = x.shape()[2], w = x.shape()[3], whole = int64_t{1} << (options_.downs + 2);
  if (options_.residual && (h != whole || w != whole)) {
    throw ShapeError("a generator of {} downs with residual blocks takes {} x {} pixels, got {} x {}", options_.downs,
                     whole, whole, w, h);
  }
  if (h / 2 < whole / 2 || w / 2 < whole / 2 || h / 2 % (whole / 2) != 0 || w / 2 % (whole / 2) != 0) {
    throw ShapeError("a generator of {} downs takes sides that are multiples of {}, or one more, got {} x {}",
                     options_.downs, whole, w, h);
  }
}

Var UnetGenerator::forward(const Var& x) {
  require_size(x);
  std::vector<Var> skips{(*initial_down_)(x)};  // [N, features, H/2, W/2], …
  for (Module* down : downs_) skips.push_back((*down)(skips.back()));
  Var y = (*ups_.front())((*bottleneck_)(skips.back()));
  for (size_t j = 1; j < ups_.size(); ++j, skips.pop_back()) y = (*ups_[j])(concat({y, skips.back()}));
  return (*final_up_)(concat({y, skips.back()}));
}

void UnetGenerator::initialise(uint64_t seed) {
  Module::initialise(seed);
  for (const auto& [name, parameter] : parameters()) {
    Tensor value = parameter->var.value();
    if (value.shape().rank() == 4) {
      fill_normal(value, 0.02, seed, name);
    } else {
      fill_constant(value, 0);
    }
  }
}

}  // namespace cuunet
