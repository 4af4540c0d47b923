#include "layers/nn/pixel_shuffle_icnr.h"

#include "autograd/ops/pixel_shuffle.h"

namespace cuunet {

PixelShuffleICNR::PixelShuffleICNR(const Placement& placement, const PixelShuffleICNROptions& options)
    : Module(placement),
      conv_(add<ConvLayer>("conv",
                           ConvLayerOptions{.in = options.in,
                                            .out = 4 * options.out,
                                            .kernel = 1,
                                            .norm = options.norm == NormType::omitted ? NormType::weight : options.norm,
                                            .activation = false,
                                            .extra_bn = options.extra_bn})),
      blur_(options.blur) {}

void PixelShuffleICNR::initialise(uint64_t seed) {
  Module::initialise(seed);
  conv_.convolution().initialise_icnr(seed);
}

Var PixelShuffleICNR::before_shuffle(const Var& x) {
  LayerScope scope(path());
  return conv_.with_relu(x);
}

Var PixelShuffleICNR::forward(const Var& x) {
  Var y = conv_.with_relu(x);                            // [N, 4·out, H, W]
  return blur_ ? shuffle_blur(y) : pixel_shuffle(y, 2);  // [N, out, 2H, 2W]
}

}  // namespace cuunet
