#include "kernels/linalg/scale.h"

#include "kernels/device/elementwise.h"

namespace cuunet {
namespace {

constexpr int64_t lanes = 8;  // independent sums along a row

void scale(Context& context, ConstView x, View y, double factor) {
  if (y.empty()) return;
  map(
      context, y, [=](auto v) { return static_cast<decltype(v)>(factor) * v; }, x);
}

double value_of(ConstView s, DType x) {
  DType expected = x == DType::f64 ? DType::f64 : DType::f32;
  if (s.elements() != 1 || s.dtype != expected) {
    throw ShapeError("mul_scalar expects a learned scalar of one {} element, got {} {}", name_of(expected),
                     name_of(s.dtype), s.shape.text());
  }
  return expected == DType::f64 ? *s.as<double>() : static_cast<double>(*s.as<float>());
}

void scale_by(Context& context, ConstView x, ConstView s, View y) { scale(context, x, y, value_of(s, x.dtype)); }

template <class T>
inline void add_products(const T* g, const T* x, int64_t n, double* sums) {
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    for (int64_t k = 0; k < lanes; ++k) sums[k] += static_cast<double>(g[i + k]) * static_cast<double>(x[i + k]);
  }
  for (; i < n; ++i) sums[i % lanes] += static_cast<double>(g[i]) * static_cast<double>(x[i]);
}

template <class T>
double dot(Context& context, ConstView g, ConstView x) {
  bool maps = x.shape.rank() == 4;
  int64_t items = maps ? x.rows() : x.elements(),
          block = maps ? std::max<int64_t>(1, elementwise::grain / std::max<int64_t>(1, x.c())) : elementwise::grain;
  return parallel_sum(context, items, block, [=](int64_t begin, int64_t end) {
    double sums[lanes] = {};
    if (!maps) add_products(g.as<T>() + begin, x.as<T>() + begin, end - begin, sums);
    for (int64_t r = begin; maps && r < end; ++r) {
      add_products(g.as<T>() + r * g.pixel_stride, x.as<T>() + r * x.pixel_stride, x.c(), sums);
    }
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
  });
}

void scale_by_gradients(Context& context, ConstView x, ConstView s, ConstView grad_y, View grad_x, View grad_s) {
  require_same_shape("mul_scalar", x, grad_y);
  scale(context, grad_y, grad_x, value_of(s, x.dtype));
  if (grad_s.empty()) return;
  visit_float(x.dtype, [&]<class T>(T) {
    *grad_s.as<accumulator_t<T>>() = static_cast<accumulator_t<T>>(dot<T>(context, grad_y, x));
  });
}

const Implementation scale_on_cpu{scale_forward, Device::cpu, scale};
const Implementation scale_by_on_cpu{scale_by_forward, Device::cpu, scale_by};
const Implementation scale_by_backward_on_cpu{scale_by_backward, Device::cpu, scale_by_gradients};

}  // namespace
}  // namespace cuunet
