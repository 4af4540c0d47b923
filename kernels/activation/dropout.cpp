#include "kernels/activation/dropout.h"

#include "kernels/device/elementwise.h"

namespace cuunet {

void require_dropout(double p) {
  if (!(p >= 0 && p <= 1)) throw Error("dropout expects a probability p in [0, 1], got {}", p);
}

namespace {

double scale_of(double p) { return p < 1 ? 1 / (1 - p) : 0; }

// One row of n neighbouring channels, drawn as row `draw` of the mask.
template <class T>
inline void drop_row(const T* x, T* y, int64_t n, const Philox& philox, uint32_t draw, uint32_t offset, float p,
                     accumulator_t<T> scale) {
  using A = accumulator_t<T>;
  for (int64_t c = 0; c < n; c += 4) {
    Philox::Block block = philox(static_cast<uint32_t>(c / 4), draw, offset, static_cast<uint32_t>(Purpose::dropout));
    int64_t count = std::min<int64_t>(4, n - c);
    for (int64_t k = 0; k < count; ++k) {
      y[c + k] = static_cast<T>(unit_float(block.word[k]) >= p ? static_cast<A>(x[c + k]) * scale : A(0));
    }
  }
}

void forward(Context& context, ConstView x, View y, const DropoutParams& params) {
  if (y.empty()) return;
  require_dropout(params.p);
  require_same_shape("dropout", x, y);
  if (params.per_map && x.shape.rank() != 4) throw ShapeError("dropout2d expects [N, C, H, W], got {}", x.shape.text());
  Philox philox(params.seed);
  visit_float(x.dtype, [&]<class T>(T) {
    int64_t columns = x.columns(), lanes = x.shape.rank() == 4 ? y.lanes : columns;
    int64_t pixels = params.per_map ? x.h() * x.w() : 1;  // that share a draw
    auto scale = static_cast<accumulator_t<T>>(scale_of(params.p));
    auto p = static_cast<float>(params.p);
    uint32_t offset = params.offset;
    constexpr int64_t grain = 2048;  // elements; a Philox block is some 100 operations
    parallel_for(context, x.rows(), std::max<int64_t>(1, grain / std::max<int64_t>(1, columns)),
                 [=](int64_t begin, int64_t end) {
                   for (int64_t r = begin; r < end; ++r) {
                     T* out = y.as<T>() + r * y.pixel_stride;
                     drop_row(x.as<T>() + r * x.pixel_stride, out, columns, philox, static_cast<uint32_t>(r / pixels),
                              offset, p, scale);
                     for (int64_t lane = columns; lane < lanes; ++lane) out[lane] = T{};
                   }
                 });
  });
}

// The mask of each image's maps, row by row of pixels.
void with_map_mask(Context& context, ConstView x, ConstView mask, View y, double p) {
  visit_float(x.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    int64_t pixels = x.h() * x.w();
    auto scale = static_cast<A>(scale_of(p));
    parallel_for(context, x.rows(), std::max<int64_t>(1, elementwise::grain / std::max<int64_t>(1, x.c())),
                 [=](int64_t begin, int64_t end) {
                   for (int64_t r = begin; r < end; ++r) {
                     T* out = y.as<T>() + r * y.pixel_stride;
                     elementwise::map_row(
                         out, x.c(), [=](A v, A keep) { return v * keep * scale; }, x.as<T>() + r * x.pixel_stride,
                         mask.as<T>() + r / pixels * mask.pixel_stride);
                     for (int64_t lane = x.c(); lane < y.lanes; ++lane) out[lane] = T{};
                   }
                 });
  });
}

void with_mask(Context& context, ConstView x, ConstView mask, View y, double p) {
  if (y.empty()) return;
  require_dropout(p);
  require_same_shape("dropout", x, y);
  if (mask.dtype == x.dtype && mask.shape == x.shape) {
    return map(
        context, y, [=](auto v, auto keep) { return v * keep * static_cast<decltype(v)>(scale_of(p)); }, x, mask);
  }
  if (x.shape.rank() != 4 || mask.dtype != x.dtype || !(mask.shape == Shape{x.n(), x.c(), 1, 1})) {
    throw ShapeError("dropout of {} {} expects a mask of that type and shape or [N, C, 1, 1], got {} {}",
                     name_of(x.dtype), x.shape.text(), name_of(mask.dtype), mask.shape.text());
  }
  with_map_mask(context, x, mask, y, p);
}

const Implementation forward_on_cpu{dropout_forward, Device::cpu, forward};
const Implementation with_mask_on_cpu{dropout_with_mask, Device::cpu, with_mask};

}  // namespace
}  // namespace cuunet
