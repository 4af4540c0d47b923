#include "layers/models/deoldify_critic.h"

#include "layers/nn/conv2d.h"
#include "layers/nn/dropout.h"
#include "layers/nn/self_attention.h"

namespace cuunet {
namespace {

constexpr double slope = 0.2;

void append_convolution(DeOldifyCritic& critic, int64_t in, int64_t out, int stride, bool attention = false) {
  auto& layer = critic.append<Sequential>();
  layer.append<Conv2d>(Conv2dOptions{
      .in = in, .out = out, .kernel = stride == 2 ? 4 : 3, .stride = stride, .norm = WeightNorm::spectral});
  layer.append<LeakyReLU>(slope);
  if (attention) layer.append<SelfAttention>(out);
}

}  // namespace

DeOldifyCritic::DeOldifyCritic(const Placement& placement, const DeOldifyCriticOptions& options)
    : Sequential(placement) {
  int64_t width = options.width;
  append_convolution(*this, options.channels, width, 2);
  append<Dropout>(DropoutOptions{.p = options.dropout / 2, .per_map = true});
  for (int i = 0; i < options.blocks; ++i, width *= 2) {
    append_convolution(*this, width, width, 1);
    append<Dropout>(DropoutOptions{.p = options.dropout, .per_map = true});
    append_convolution(*this, width, 2 * width, 2, i == 0);
  }
  append_convolution(*this, width, width, 1);
  auto& score = append<Sequential>();
  score.append<Conv2d>(
      Conv2dOptions{.in = width, .out = 1, .kernel = 4, .padding = 0, .bias = false, .norm = WeightNorm::spectral});
}

}  // namespace cuunet
