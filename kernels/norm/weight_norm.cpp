#include "kernels/norm/weight_norm.h"

#include "kernels/device/copy.h"
#include "kernels/device/lane_sums.h"
#include "kernels/device/parallel.h"

#include <cmath>

namespace cuunet {

void require_weight_norm(const Shape& g, const Shape& v) {
  if (v.rank() < 1 || g.rank() < 1 || g[0] != v[0] || g.elements() != v[0]) {
    throw ShapeError("weight_norm expects weight_v [K, …] and weight_g [K, 1, 1, 1], got {} and {}", v.text(),
                     g.text());
  }
}

namespace {

// One value of g and the stretch of memory of one output channel, which may hold pad lanes: they are zero.
struct Rows {
  explicit Rows(ConstView g, ConstView v)
      : count(v.shape[0]),
        length(count > 0 ? v.rows() * v.pixel_stride / count : 0),
        g_stride(g.shape.rank() == 4 ? g.pixel_stride : 1) {}
  int64_t count, length, g_stride;
};

template <class T>
void forward_in(Context& context, ConstView g, ConstView v, View weight) {
  Rows rows(g, v);
  parallel_for(context, rows.count, 1, [=](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      const T* from = v.as<T>() + k * rows.length;
      T* to = weight.as<T>() + k * rows.length;
      double scale =
          static_cast<double>(g.as<T>()[k * rows.g_stride]) / std::sqrt(sum_of_products(from, from, rows.length));
      for (int64_t i = 0; i < rows.length; ++i) to[i] = static_cast<T>(from[i] * scale);
    }
  });
  zero_pad_lanes(context, weight);  // a negative g made them -0
}

template <class T>
void backward_in(Context& context, ConstView g, ConstView v, ConstView grad, View grad_g, View grad_v) {
  Rows rows(g, v);
  int64_t grad_g_stride = grad_g.shape.rank() == 4 ? grad_g.pixel_stride : 1;
  parallel_for(context, rows.count, 1, [=](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      const T *direction = v.as<T>() + k * rows.length, *from = grad.as<T>() + k * rows.length;
      double norm = std::sqrt(sum_of_products(direction, direction, rows.length));
      double along = sum_of_products(from, direction, rows.length) / norm;
      if (!grad_g.empty()) grad_g.as<T>()[k * grad_g_stride] = static_cast<T>(along);
      if (grad_v.empty()) continue;
      double scale = static_cast<double>(g.as<T>()[k * rows.g_stride]) / norm, pull = along / norm;
      T* to = grad_v.as<T>() + k * rows.length;
      for (int64_t i = 0; i < rows.length; ++i) to[i] = static_cast<T>(scale * (from[i] - direction[i] * pull));
    }
  });
  if (!grad_v.empty()) zero_pad_lanes(context, grad_v);
  if (!grad_g.empty()) zero_pad_lanes(context, grad_g);
}

void forward(Context& context, ConstView g, ConstView v, View weight) {
  require_weight_norm(g.shape, v.shape);
  if (v.dtype == DType::f64) return forward_in<double>(context, g, v, weight);
  forward_in<float>(context, g, v, weight);
}

void backward(Context& context, ConstView g, ConstView v, ConstView grad_weight, View grad_g, View grad_v) {
  if (v.dtype == DType::f64) return backward_in<double>(context, g, v, grad_weight, grad_g, grad_v);
  backward_in<float>(context, g, v, grad_weight, grad_g, grad_v);
}

const Implementation forward_on_cpu{weight_norm_forward, Device::cpu, forward};
const Implementation backward_on_cpu{weight_norm_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
