#include "autograd/ops/loss.h"

#include "kernels/linalg/scale.h"
#include "kernels/loss/bce_with_logits.h"
#include "kernels/loss/l1_loss.h"
#include "kernels/loss/mse_loss.h"
#include "kernels/loss/pointwise_loss.h"
#include "kernels/loss/total_variation.h"
#include "kernels/loss/wasserstein.h"

namespace cuunet {
namespace {

Var empty_loss(const Var& maps) { return Var(Tensor::empty(maps.context(), Shape{}, loss_dtype(maps.dtype()))); }

Tensor empty_edge_map(const Var& x) {
  if (x.shape().rank() != 4) throw ShapeError("edge maps: expected [N, C, H, W], got {}", x.shape().text());
  return Tensor::empty(x.context(), {x.shape()[0], 1, x.shape()[2], x.shape()[3]}, loss_dtype(x.dtype()));
}

}  // namespace

Var l1_loss(const Var& input, const Var& target, Reduction reduction) {
  Var loss = empty_loss(input);
  l1_loss_forward(input.context(), input.view(), target.view(), loss.view(), reduction);
  record("l1_loss", {input, target}, loss, [input = save(input), target = save(target), reduction](Gradients& g) {
    l1_loss_backward(g.context(), input.view(), target.view(), g.of_output(), g.wanted(0), g.wanted(1), reduction);
  });
  return loss;
}

Var mse_loss(const Var& input, const Var& target, Reduction reduction) {
  Var loss = empty_loss(input);
  mse_loss_forward(input.context(), input.view(), target.view(), loss.view(), reduction);
  record("mse_loss", {input, target}, loss, [input = save(input), target = save(target), reduction](Gradients& g) {
    mse_loss_backward(g.context(), input.view(), target.view(), g.of_output(), g.wanted(0), g.wanted(1), reduction);
  });
  return loss;
}

Var smooth_l1_loss(const Var& input, const Var& target, const SmoothL1Params& params) {
  Var loss = empty_loss(input);
  smooth_l1_loss_forward(input.context(), input.view(), target.view(), loss.view(), params);
  record("smooth_l1_loss", {input, target}, loss, [input = save(input), target = save(target), params](Gradients& g) {
    smooth_l1_loss_backward(g.context(), input.view(), target.view(), g.of_output(), g.wanted(0), g.wanted(1), params);
  });
  return loss;
}

Var bce_with_logits(const Var& input, const Var& target, Reduction reduction) {
  if (target.requires_grad()) throw Error("bce_with_logits: the target gets no gradient; detach it");
  Var loss = empty_loss(input);
  bce_with_logits_forward(input.context(), input.view(), target.view(), loss.view(), reduction);
  record("bce_with_logits", {input}, loss, [input = save(input), target = save(target), reduction](Gradients& g) {
    bce_with_logits_backward(g.context(), input.view(), target.view(), g.of_output(), g.wanted(0), reduction);
  });
  return loss;
}

Var total_variation(const Var& x, Reduction reduction) {
  Var loss = empty_loss(x);
  total_variation_forward(x.context(), x.view(), loss.view(), reduction);
  record("total_variation", {x}, loss, [x = save(x), reduction](Gradients& g) {
    total_variation_backward(g.context(), x.view(), g.of_output(), g.wanted(0), reduction);
  });
  return loss;
}

Var wasserstein_distance(const Var& input, const Var& target) {
  if (!(input.shape() == target.shape()) || input.shape().rank() != 4) {
    throw ShapeError("wasserstein_distance expects two maps [N, C, H, W] of one shape, got {} and {}",
                     input.shape().text(), target.shape().text());
  }
  if (target.requires_grad()) throw Error("wasserstein_distance: the target gets no gradient; detach it");
  bool differentiated = input.requires_grad() && Recording::active();
  WassersteinDistance distance =
      wasserstein_distance(input.value().to_host(), target.value().to_host(), input.shape()[1], differentiated);
  Context& context = input.context();
  std::vector<double> value{distance.value};
  Var loss(Tensor::from_host(context, Shape{}, loss_dtype(input.dtype()), std::span<const double>(value)));
  if (!differentiated) return loss;
  Tensor slope = Tensor::from_host(context, input.shape(), input.dtype(), std::span<const double>(distance.gradient));
  record("wasserstein_distance", {input}, loss, [slope = Saved(slope)](Gradients& g) {
    scale_by_forward(g.context(), slope.view(), g.of_output(), g.wanted(0));
  });
  return loss;
}

SobelMaps sobel(const Var& x, PaddingMode padding) {
  SobelMaps maps{Var(empty_edge_map(x)), empty_edge_map(x), empty_edge_map(x)};
  sobel_forward(x.context(), x.view(), maps.gx.view(), maps.gy.view(), maps.magnitude.view(), padding);
  record("sobel", {x}, maps.magnitude,
         [gx = save(maps.gx), gy = save(maps.gy), y = save(maps.magnitude), padding](Gradients& g) {
           sobel_backward(g.context(), gx.view(), gy.view(), y.view(), g.of_output(), g.wanted(0), padding);
         });
  return maps;
}

Var laplacian(const Var& x, PaddingMode padding) {
  Var y(empty_edge_map(x));
  laplacian_forward(x.context(), x.view(), y.view(), padding);
  record("laplacian", {x}, y,
         [padding](Gradients& g) { laplacian_backward(g.context(), g.of_output(), g.wanted(0), padding); });
  return y;
}

Var sobel_loss(const Var& fake, const Var& real) { return l1_loss(sobel(fake).magnitude, sobel(real).magnitude); }

Var laplacian_loss(const Var& fake, const Var& real) { return l1_loss(laplacian(fake), laplacian(real)); }

}  // namespace cuunet
