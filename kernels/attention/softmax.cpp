#include "kernels/attention/softmax.h"

#include "kernels/device/copy.h"
#include "kernels/device/parallel.h"

#include <cmath>

namespace cuunet {

void require_softmax(const Shape& x, int dim) {
  if (dim < 0 || dim >= x.rank() || (x.rank() == 4 && dim != 1)) {
    throw ShapeError("softmax expects a dimension of {}{}, got {}", x.text(),
                     x.rank() == 4 ? " and takes dimension 1 of [N, C, H, W] only" : "", dim);
  }
}

namespace {

// The vectors that are normalised: number `i` begins at start(i) and has `length` elements, `stride` apart.
struct Lines {
  Lines(ConstView x, int dim) {
    length = x.shape[dim];
    if (x.shape.rank() == 4) {
      count = x.rows(), inner = 1, outer_stride = x.pixel_stride, stride = 1;
      return;
    }
    inner = 1;
    for (int i = dim + 1; i < x.shape.rank(); ++i) inner *= x.shape[i];
    stride = inner, outer_stride = length * inner, count = length > 0 ? x.elements() / length : 0;
  }
  int64_t start(int64_t i) const { return i / inner * outer_stride + i % inner; }
  int64_t grain() const { return std::max<int64_t>(1, 4096 / std::max<int64_t>(1, length)); }
  int64_t count, length, stride, inner, outer_stride;
};

void forward(Context& context, ConstView x, View y, int dim) {
  require_softmax(x.shape, dim);
  Lines in(x, dim), out(y, dim);
  visit_float(x.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    parallel_for(context, in.count, in.grain(), [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const T* from = x.as<T>() + in.start(i);
        T* to = y.as<T>() + out.start(i);
        A largest = static_cast<A>(from[0]), sum = 0;
        for (int64_t k = 1; k < in.length; ++k) largest = std::max(largest, static_cast<A>(from[k * in.stride]));
        for (int64_t k = 0; k < in.length; ++k) sum += std::exp(static_cast<A>(from[k * in.stride]) - largest);
        for (int64_t k = 0; k < in.length; ++k) {
          to[k * out.stride] = static_cast<T>(std::exp(static_cast<A>(from[k * in.stride]) - largest) / sum);
        }
      }
    });
  });
  zero_pad_lanes(context, y);
}

void backward(Context& context, ConstView y, ConstView grad_y, View grad_x, int dim) {
  Lines in(y, dim), upstream(grad_y, dim), out(grad_x, dim);
  visit_float(y.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    parallel_for(context, in.count, in.grain(), [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const T *p = y.as<T>() + in.start(i), *g = grad_y.as<T>() + upstream.start(i);
        T* to = grad_x.as<T>() + out.start(i);
        A sum = 0;
        for (int64_t k = 0; k < in.length; ++k) {
          sum += static_cast<A>(p[k * in.stride]) * static_cast<A>(g[k * upstream.stride]);
        }
        for (int64_t k = 0; k < in.length; ++k) {
          A centred = static_cast<A>(g[k * upstream.stride]) - sum;
          to[k * out.stride] = static_cast<T>(static_cast<A>(p[k * in.stride]) * centred);
        }
      }
    });
  });
  zero_pad_lanes(context, grad_x);
}

const Implementation forward_on_cpu{softmax_forward, Device::cpu, forward};
const Implementation backward_on_cpu{softmax_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
