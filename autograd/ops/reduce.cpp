#include "autograd/ops/reduce.h"

#include "kernels/reduce/reduce.h"

namespace cuunet {
namespace {

unsigned bits_of(const Shape& x, const std::vector<int>& dims) {
  if (dims.empty()) return (1u << x.rank()) - 1;
  unsigned bits = 0;
  for (int d : dims) {
    if (d < 0 || d >= x.rank()) throw ShapeError("dimension {} is out of the range of {}", d, x.text());
    bits |= 1u << d;
  }
  return bits;
}

Var reduced(const char* name, const Var& x, unsigned dims, bool keepdim, bool mean) {
  Shape shape = reduced_shape(x.shape(), dims, keepdim);
  double count = static_cast<double>(x.value().elements()) / static_cast<double>(shape.elements());
  ReducedDims reduction{dims, mean ? 1 / count : 1};
  Var y(Tensor::empty(x.context(), shape, shape.rank() == 0 && x.dtype() == DType::bf16 ? DType::f32 : x.dtype()));
  reduce_sum(x.context(), x.view(), y.view(), reduction);
  record(name, {x}, y, [reduction](Gradients& g) { broadcast(g.context(), g.of_output(), g.wanted(0), reduction); });
  return y;
}

}  // namespace

Var sum(const Var& x, const std::vector<int>& dims, bool keepdim) {
  return reduced("sum", x, bits_of(x.shape(), dims), keepdim, false);
}

Var mean(const Var& x, const std::vector<int>& dims, bool keepdim) {
  return reduced("mean", x, bits_of(x.shape(), dims), keepdim, true);
}

Var adaptive_avg_pool2d(const Var& x) {
  if (x.shape().rank() != 4) throw ShapeError("adaptive_avg_pool2d expects [N, C, H, W], got {}", x.shape().text());
  return reduced("adaptive_avg_pool2d", x, 0b1100, true, true);
}

}  // namespace cuunet
