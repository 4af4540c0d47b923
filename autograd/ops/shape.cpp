#include "autograd/ops/shape.h"

namespace cuunet {

Var reshape(const Var& x, const Shape& shape) {
  Var y(x.value().reshape(shape));
  record("reshape", {x}, y, [from = x.shape()](Gradients& g) {
    g.give(0, g.of_output_tensor().contiguous().reshape(from));
  });
  return y;
}

}  // namespace cuunet
