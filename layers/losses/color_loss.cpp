#include "layers/losses/color_loss.h"

#include "autograd/ops/arithmetic.h"
#include "autograd/ops/conv.h"
#include "autograd/ops/loss.h"

namespace cuunet {
namespace {

// [2, 3, 1, 1], for a convolution.
Var chroma_matrix(Context& context, DType dtype) {
  constexpr double matrix[] = {1, -1, 0, -0.5, -0.5, 1};
  DType parameters = dtype == DType::f64 ? DType::f64 : DType::f32;
  return Var(Tensor::from_host(context, {2, 3, 1, 1}, parameters, std::span<const double>(matrix)));
}

}  // namespace

ColorLoss::ColorLoss(double chroma_weight) : chroma_weight_(chroma_weight) {}

LossTerms ColorLoss::operator()(const Var& prediction, const Var& target) {
  Var wanted = target.detach(), matrix = chroma_matrix(prediction.context(), prediction.dtype());
  Var pixel = l1_loss(prediction, wanted);
  Var difference = mse_loss(conv2d(prediction, matrix, {}), conv2d(wanted, matrix, {}));
  Var chroma = mul_scalar(difference, chroma_weight_);
  return {add(pixel, chroma), {{"pixel", pixel}, {"chroma", chroma}}};
}

}  // namespace cuunet
