// Losses that are a sum over elements of f(input, target), on the CPU: value and gradient.
//
// The sum goes over blocks of fixed length with eight double lanes each, added in order, so that its bits don't depend
// on the number of threads and a mean over a million elements is as good as one over ten.
#pragma once

#include "kernels/device/elementwise.h"
#include "kernels/loss/reduction.h"

namespace cuunet {

// Throws a ShapeError unless both operands agree in shape and type and `loss` is one number of the loss's type.
void require_loss_operands(const char* op, ConstView input, ConstView target, ConstView loss);

double read_scalar(ConstView scalar);
void write_scalar(View scalar, double value);

namespace pointwise_loss {

constexpr int64_t block = 4096;  // elements

template <class T, class Function>
inline void add_row(double (&lanes)[8], const T* x, const T* z, int64_t n, const Function& f) {
  using A = accumulator_t<T>;
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int64_t j = 0; j < 8; ++j) lanes[j] += f(static_cast<A>(x[i + j]), static_cast<A>(z[i + j]));
  }
  for (; i < n; ++i) lanes[0] += f(static_cast<A>(x[i]), static_cast<A>(z[i]));
}

inline double total_of(const double (&lanes)[8]) {
  double total = 0;
  for (double lane : lanes) total += lane;
  return total;
}

// sum of f(x, z) over all elements, without the pad lanes.
template <class Function>
double sum(Context& context, ConstView x, ConstView z, const Function& f) {
  double total = 0;
  visit_float(x.dtype, [&]<class T>(T) {
    const T *xs = x.as<T>(), *zs = z.as<T>();
    int64_t columns = x.columns(), x_stride = x.pixel_stride, z_stride = z.pixel_stride;
    bool flat = x.rows() == 1 || (x_stride == columns && z_stride == columns);
    if (flat) {
      total = parallel_sum(context, x.elements(), block, [=](int64_t begin, int64_t end) {
        double lanes[8] = {};
        add_row(lanes, xs + begin, zs + begin, end - begin, f);
        return total_of(lanes);
      });
      return;
    }
    int64_t rows_per_block = std::max<int64_t>(1, block / std::max<int64_t>(columns, 1));
    total = parallel_sum(context, x.rows(), rows_per_block, [=](int64_t begin, int64_t end) {
      double lanes[8] = {};
      for (int64_t r = begin; r < end; ++r) add_row(lanes, xs + r * x_stride, zs + r * z_stride, columns, f);
      return total_of(lanes);
    });
  });
  return total;
}

}  // namespace pointwise_loss

// loss = scale · sum f(input, target)
template <class Function>
void pointwise_loss_forward(Context& context, const char* op, ConstView input, ConstView target, View loss,
                            Reduction reduction, const Function& f) {
  require_loss_operands(op, input, target, loss);
  write_scalar(loss, scale_of(reduction, input.elements()) * pointwise_loss::sum(context, input, target, f));
}

// grad = grad_loss · scale · df(input, target); nothing is done for an empty grad.
template <class Function>
void pointwise_loss_gradient(Context& context, const char* op, ConstView input, ConstView target, ConstView grad_loss,
                             View grad, Reduction reduction, const Function& df) {
  require_loss_operands(op, input, target, grad_loss);
  if (grad.empty()) return;
  double factor = scale_of(reduction, input.elements()) * read_scalar(grad_loss);
  map(
      context, grad, [=](auto x, auto z) { return static_cast<decltype(x)>(factor) * df(x, z); }, input, target);
}

}  // namespace cuunet
