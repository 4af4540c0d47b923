#include "autograd/ops/shape.h"

namespace cuunet {

namespace {

Var reshaped(const char* name, const Var& x, const Shape& shape) {
  Var y(x.value().reshape(shape));
  record(name, {x}, y,
         [from = x.shape()](Gradients& g) { g.give(0, g.of_output_tensor().contiguous().reshape(from)); });
  return y;
}

}  // namespace

Var reshape(const Var& x, const Shape& shape) { return reshaped("reshape", x, shape); }

Var flatten(const Var& x) {
  int64_t n = x.shape()[0];
  return reshaped("flatten", x, {n, x.value().elements() / n});
}

}  // namespace cuunet
