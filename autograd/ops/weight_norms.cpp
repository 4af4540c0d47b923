#include "autograd/ops/weight_norms.h"

#include "kernels/norm/weight_norm.h"

namespace cuunet {

Var weight_norm(const Var& weight_g, const Var& weight_v) {
  Context& context = weight_v.context();
  require_weight_norm(weight_g.shape(), weight_v.shape());
  Var weight(Tensor::empty(context, weight_v.shape(), weight_v.dtype()));
  weight_norm_forward(context, weight_g.view(), weight_v.view(), weight.view());
  record("weight_norm", {weight_g, weight_v}, weight, [wg = save(weight_g), wv = save(weight_v)](Gradients& g) {
    Tensor grad = g.of_output_tensor().contiguous();
    weight_norm_backward(g.context(), wg.view(), wv.view(), grad.view(), g.wanted(0), g.wanted(1));
  });
  return weight;
}

Var spectral_norm(const Var& weight_orig, Tensor u, Tensor v, const SpectralNormParams& params, Tensor* sigma) {
  Context& context = weight_orig.context();
  require_spectral_norm(weight_orig.shape(), u.shape(), v.shape(), params);
  Var weight(Tensor::empty(context, weight_orig.shape(), weight_orig.dtype()));
  Tensor largest = Tensor::empty(context, {}, weight_orig.dtype());
  spectral_norm_forward(context, weight_orig.view(), u.view(), v.view(), weight.view(), largest.view(), params);
  if (params.training) {
    u.mark_changed();
    v.mark_changed();
  }
  if (sigma != nullptr) *sigma = largest;
  if (!Recording::active() || !weight_orig.requires_grad()) return weight;
  // A later forward, before this one's backward, moves u and v on: this one keeps its own.
  record("spectral_norm", {weight_orig}, weight,
         [w = save(weight_orig), u = u.clone(), v = v.clone(), largest, params](Gradients& g) {
           Tensor grad = g.of_output_tensor().contiguous();
           spectral_norm_backward(g.context(), w.view(), u.view(), v.view(), largest.view(), grad.view(), g.wanted(0),
                                  params);
         });
  return weight;
}

}  // namespace cuunet
