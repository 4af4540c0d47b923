#include "kernels/activation/dropout.h"

#include "kernels/device/elementwise.h"

#include <cmath>

namespace cuunet {

void require_dropout(double p) {
  if (!(p >= 0 && p <= 1)) throw Error("dropout expects a probability p in [0, 1], got {}", p);
}

namespace {

double scale_of(double p) { return p < 1 ? 1 / (1 - p) : 0; }

constexpr int64_t counters = 16;  // drawn side by side, a vector register's worth

// The words of counters first … first+15 of one row of the mask, in the order of its channels.
inline void draw(Philox philox, uint32_t first, uint32_t row, uint32_t offset, uint32_t* words) {
  uint32_t c0[counters], c1[counters], c2[counters], c3[counters];
  for (uint32_t i = 0; i < counters; ++i) {
    c0[i] = first + i;
    c1[i] = row;
    c2[i] = offset;
    c3[i] = static_cast<uint32_t>(Purpose::dropout);
  }
  for (int round = 0; round < 10; ++round) {
    for (int64_t i = 0; i < counters; ++i) philox.round(c0[i], c1[i], c2[i], c3[i]);
    philox.next_key();
  }
  for (int64_t i = 0; i < counters; ++i) {
    words[4 * i] = c0[i];
    words[4 * i + 1] = c1[i];
    words[4 * i + 2] = c2[i];
    words[4 * i + 3] = c3[i];
  }
}

// One row of n neighbouring channels, drawn as row `row` of the mask.
template <class T>
inline void drop_row(const T* x, T* y, int64_t n, const Philox& philox, uint32_t row, uint32_t offset, uint32_t dropped,
                     accumulator_t<T> scale) {
  using A = accumulator_t<T>;
  uint32_t words[4 * counters];
  for (int64_t c0 = 0; c0 < n; c0 += 4 * counters) {
    draw(philox, static_cast<uint32_t>(c0 / 4), row, offset, words);
    int64_t count = std::min(4 * counters, n - c0);
    for (int64_t c = 0; c < count; ++c) {
      A keep = words[c] >> 8 >= dropped ? scale : A(0);
      y[c0 + c] = static_cast<T>(static_cast<A>(x[c0 + c]) * keep);
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
    auto dropped = static_cast<uint32_t>(std::ceil(params.p * 0x1p24));  // of the 2^24 values of a draw
    uint32_t offset = params.offset;
    constexpr int64_t grain = 2048;  // elements; a Philox block is some 100 operations
    parallel_for(context, x.rows(), std::max<int64_t>(1, grain / std::max<int64_t>(1, columns)),
                 [=](int64_t begin, int64_t end) {
                   for (int64_t r = begin; r < end; ++r) {
                     T* out = y.as<T>() + r * y.pixel_stride;
                     drop_row(x.as<T>() + r * x.pixel_stride, out, columns, philox, static_cast<uint32_t>(r / pixels),
                              offset, dropped, scale);
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
