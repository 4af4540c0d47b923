#include "kernels/linalg/add.h"

#include "kernels/device/elementwise.h"
#include "kernels/reduce/axes.h"

namespace cuunet {

Shape broadcast_shape(const char* op, const Shape& a, const Shape& b) {
  int rank = std::max(a.rank(), b.rank());
  std::array<int64_t, Shape::max_rank> sizes{};
  for (int d = 0; d < rank; ++d) {
    int at_a = d - (rank - a.rank()), at_b = d - (rank - b.rank());
    int64_t size_a = at_a < 0 ? 1 : a[at_a], size_b = at_b < 0 ? 1 : b[at_b];
    if (size_a != size_b && size_a != 1 && size_b != 1) {
      throw ShapeError("{} of shapes that do not broadcast: {} and {}", op, a.text(), b.text());
    }
    sizes[static_cast<size_t>(d)] = size_a == 1 ? size_b : size_a;
  }
  return Shape(std::span<const int64_t>(sizes.data(), static_cast<size_t>(rank)));
}

namespace {

void forward(Context& context, ConstView a, ConstView b, View y) {
  map(
      context, y, [](auto u, auto v) { return u + v; }, a, b);
}

void forward_relu(Context& context, ConstView a, ConstView b, View y) {
  map(
      context, y,
      [](auto u, auto v) {
        auto sum = u + v;
        return sum < 0 ? decltype(sum)(0) : sum;
      },
      a, b);
}

void forward_broadcast(Context& context, ConstView a, ConstView b, View y) {
  Shape expected = broadcast_shape("add", a.shape, b.shape);
  if (!(y.shape == expected) || a.dtype != y.dtype || b.dtype != y.dtype) {
    throw ShapeError("add of {} {} and {} {} cannot give {} {}", name_of(a.dtype), a.shape.text(), name_of(b.dtype),
                     b.shape.text(), name_of(y.dtype), y.shape.text());
  }
  Axes axes = axes_of(y.shape);
  Axes::Steps step_a = broadcast_steps(a, y.shape), step_b = broadcast_steps(b, y.shape), step_y = steps_of(y);
  visit_float(y.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    int64_t width = axes.size[3], end_lane = y.shape.rank() == 4 ? y.lanes : width;
    parallel_for(context, axes.outer(), std::max<int64_t>(1, elementwise::grain / std::max<int64_t>(1, width)),
                 [=](int64_t begin, int64_t end) {
                   for (int64_t i = begin; i < end; ++i) {
                     const T* u = a.as<T>() + axes.offset(step_a, i);
                     const T* v = b.as<T>() + axes.offset(step_b, i);
                     T* out = y.as<T>() + axes.offset(step_y, i);
                     for (int64_t c = 0; c < width; ++c) {
                       out[c] = static_cast<T>(static_cast<A>(u[c * step_a[3]]) + static_cast<A>(v[c * step_b[3]]));
                     }
                     for (int64_t c = width; c < end_lane; ++c) out[c] = T{};
                   }
                 });
  });
}

const Implementation on_cpu{add_forward, Device::cpu, forward};
const Implementation relu_on_cpu{add_relu_forward, Device::cpu, forward_relu};
const Implementation broadcast_on_cpu{add_broadcast, Device::cpu, forward_broadcast};

}  // namespace
}  // namespace cuunet
