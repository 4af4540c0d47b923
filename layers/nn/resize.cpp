#include "layers/nn/resize.h"

#include "autograd/ops/activation.h"
#include "autograd/ops/arithmetic.h"
#include "autograd/ops/resample.h"

namespace cuunet {

Var NearestResize::forward(const Var& x) { return interpolate(x, height_, width_, Interpolation::nearest); }

Var Concatenate::operator()(const Var& a, const Var& b) {
  return call(a, [&] { return concat({a, b}); });
}

Var SigmoidRange::forward(const Var& x) { return sigmoid_range(x, low_, high_); }

}  // namespace cuunet
