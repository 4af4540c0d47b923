#include "layers/models/patch_gan.h"

#include "autograd/ops/activation.h"
#include "autograd/ops/arithmetic.h"
#include "autograd/ops/norm.h"
#include "kernels/device/error.h"
#include "layers/module/initialise.h"
#include "layers/nn/conv2d.h"
#include "layers/nn/elementary.h"

#include <algorithm>
#include <cmath>

namespace cuunet {
namespace {

constexpr double slope = 0.2;

Conv2dOptions convolution(int64_t in, int64_t out, int stride, bool bias) {
  return {.in = in, .out = out, .kernel = 4, .stride = stride, .bias = bias, .padding_mode = PaddingMode::reflect};
}

}  // namespace

PatchGAN::PatchGAN(const Placement& placement, const PatchGANOptions& options) : Module(placement) {
  if (options.layers < 1) throw UsageError("the discriminator takes at least 1 layer, got {}", options.layers);
  auto& model = add<Sequential>("model");
  int64_t channels = options.base_channels;
  first_ = &model.append<Conv2d>(convolution(2 * options.in_channels, channels, 2, true));
  model.append<LeakyReLU>(slope);
  for (int i = 1; i < options.layers; ++i) {
    int64_t out = std::min(2 * channels, options.max_channels);
    auto& block = model.append<Sequential>().append_as<Sequential>("conv");
    inner_.push_back(&block.append<Conv2d>(convolution(channels, out, i == options.layers - 1 ? 1 : 2, false)));
    channels = out;
  }
  last_ = &model.append<Conv2d>(convolution(channels, 1, 1, true));
}

Var PatchGAN::operator()(const Var& x, const Var& y) {
  return call(x, [&] {
    Var z = leaky_relu((*first_)(concat({x, y})), slope);
    for (Module* convolution : inner_) {
      z = (*convolution)(z);
      if (z.shape()[2] * z.shape()[3] < 2) {
        throw ShapeError("{}: one element per map cannot be normalised: pictures of {} x {} pixels are too small",
                         convolution->path(), x.shape()[3], x.shape()[2]);
      }
      z = leaky_relu(instance_norm(z), slope);
    }
    return (*last_)(z);
  });
}

void PatchGAN::initialise(uint64_t seed) {
  double bound = 0;
  for (const auto& [name, parameter] : parameters()) {  // each bias behind its weight
    Tensor value = parameter->var.value();
    const Shape& shape = value.shape();
    if (shape.rank() == 4) bound = 1 / std::sqrt(static_cast<double>(shape[1] * shape[2] * shape[3]));
    fill_uniform(value, bound, seed, name);
  }
}

}  // namespace cuunet
