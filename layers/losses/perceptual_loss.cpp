#include "layers/losses/perceptual_loss.h"

#include "autograd/ops/arithmetic.h"
#include "autograd/ops/loss.h"
#include "autograd/ops/pool.h"

namespace cuunet {
namespace {

struct Slice {
  int64_t channels;
  int first, count;  // indices of its convolutions: first, first + 2, …
};
constexpr std::array<Slice, 3> slices_of_vgg19{{{64, 0, 2}, {128, 5, 2}, {256, 10, 3}}};

}  // namespace

VGG19Slices::VGG19Slices(const Placement& placement) : Module(placement) {
  auto& blocks = add<Sequential>("blocks");
  int64_t channels = 3;
  for (size_t b = 0; b < slices_of_vgg19.size(); ++b) {
    auto& block = blocks.append<Sequential>();
    const Slice& slice = slices_of_vgg19[b];
    for (int i = 0; i < slice.count; ++i) {
      // Fakes, with a tape, and real pictures, without one, are compared.
      Conv2dOptions conv{.in = channels, .out = slice.channels, .initial_fan = Fan::out, .winograd = false};
      convolutions_[b].push_back(&block.append_as<Conv2d>(std::to_string(slice.first + 2 * i), conv));
      channels = conv.out;
    }
  }
}

std::array<Var, 3> VGG19Slices::slices(const Var& x) {
  std::array<Var, 3> outputs;
  Var y = x;
  for (size_t b = 0; b < convolutions_.size(); ++b) {
    if (b > 0) y = max_pool2d(y, {.kernel = 2, .stride = 2});
    for (Conv2d* convolution : convolutions_[b]) y = convolution->with_relu(y);
    outputs[b] = y;
  }
  return outputs;
}

PerceptualLoss::PerceptualLoss(VGG19Slices& vgg) : vgg_(vgg) {
  vgg.set_training(false);
  vgg.set_trainable(false);
}

LossTerms PerceptualLoss::operator()(const Var& fake, const Var& real) {
  std::array<Var, 3> made = vgg_.slices(fake), wanted;
  {
    NoGrad no_grad;
    wanted = vgg_.slices(real.detach());
  }
  LossTerms loss;
  for (size_t b = 0; b < made.size(); ++b) {
    loss.terms.emplace_back("block" + std::to_string(b) + "_l1", l1_loss(made[b], wanted[b]));
    loss.total = b == 0 ? loss.terms[0].second : add(loss.total, loss.terms[b].second);
  }
  return loss;
}

}  // namespace cuunet
