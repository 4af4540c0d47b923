#include "layers/nn/elementary.h"

#include "autograd/ops/activation.h"
#include "autograd/ops/pool.h"

namespace cuunet {

Var ReLU::forward(const Var& x) { return relu(x); }

Var LeakyReLU::forward(const Var& x) { return leaky_relu(x, slope_); }

Var MaxPool2d::forward(const Var& x) {
  return max_pool2d(x, {.kernel = options_.kernel, .stride = options_.stride, .padding = options_.padding});
}

Var Sequential::forward(const Var& x) {
  Var y = x;
  for (Module* step : steps_) y = (*step)(y);
  return y;
}

}  // namespace cuunet
