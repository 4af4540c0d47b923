#include "autograd/ops/attention.h"

#include "autograd/ops/conv.h"
#include "autograd/ops/shape.h"
#include "kernels/attention/self_attention.h"
#include "kernels/attention/softmax.h"

namespace cuunet {

Var softmax(const Var& x, int dim) {
  require_softmax(x.shape(), dim);
  Var y(Tensor::empty(x.context(), x.shape(), x.dtype()));
  softmax_forward(x.context(), x.view(), y.view(), dim);
  record("softmax", {x}, y, [y = save(y), dim](Gradients& g) {
    softmax_backward(g.context(), y.view(), g.of_output(), g.wanted(0), dim);
  });
  return y;
}

namespace {

Var project(const Var& x, const Var& weight) {
  if (weight.shape().rank() != 3) throw ShapeError("self_attention expects [D, C, 1], got {}", weight.shape().text());
  return conv2d(x, reshape(weight, {weight.shape()[0], weight.shape()[1], 1, 1}), {});
}

}  // namespace

Var self_attention(const Var& x, const Var& query_weight, const Var& key_weight, const Var& value_weight,
                   const Var& gamma) {
  Var query = project(x, query_weight), key = project(x, key_weight), value = project(x, value_weight);
  Var y(Tensor::empty(x.context(), x.shape(), x.dtype()));
  self_attention_forward(x.context(), {query.view(), key.view(), value.view(), gamma.view()}, x.view(), y.view());
  record("self_attention", {query, key, value, gamma, x}, y,
         [query = save(query), key = save(key), value = save(value), gamma = save(gamma)](Gradients& g) {
           self_attention_backward(g.context(), {query.view(), key.view(), value.view(), gamma.view()}, g.of_output(),
                                   {g.wanted(0), g.wanted(1), g.wanted(2), g.wanted(3)});
           if (g.needs(4)) g.give(4, g.of_output_tensor());
         });
  return y;
}

}  // namespace cuunet
