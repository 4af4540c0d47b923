#include "kernels/resample/taps.h"

#include "kernels/device/elementwise.h"
#include "kernels/device/error.h"

#include <algorithm>
#include <cstring>

namespace cuunet {

Taps Taps::transposed() const {
  Taps result(outputs());
  result.begin_.assign(static_cast<size_t>(sources_) + 1, 0);
  for (const Tap& tap : taps_) ++result.begin_[static_cast<size_t>(tap.source) + 1];
  for (size_t i = 1; i < result.begin_.size(); ++i) result.begin_[i] += result.begin_[i - 1];
  result.taps_.resize(taps_.size());
  std::vector<size_t> next(result.begin_);
  for (int64_t output = 0; output < outputs(); ++output) {
    for (const Tap& tap : of(output)) result.taps_[next[static_cast<size_t>(tap.source)]++] = {output, tap.weight};
  }
  return result;
}

namespace {

constexpr int64_t tile = 64;  // channels whose sums stay in the nearest cache

// The pixel (p, q) of one image from the rows and columns of its taps.
template <class T>
inline void weighted_pixel(const T* image, int64_t width, int64_t stride, std::span<const Taps::Tap> rows,
                           std::span<const Taps::Tap> columns, T* out, int64_t channels) {
  using A = accumulator_t<T>;
  for (int64_t c0 = 0; c0 < channels; c0 += tile) {
    int64_t n = std::min(tile, channels - c0);
    A sums[tile];
    for (int64_t c = 0; c < n; ++c) sums[c] = 0;
    for (const Taps::Tap& row : rows) {
      for (const Taps::Tap& column : columns) {
        const T* in = image + (row.source * width + column.source) * stride + c0;
        auto weight = static_cast<A>(row.weight * column.weight);
        for (int64_t c = 0; c < n; ++c) sums[c] += weight * static_cast<A>(in[c]);
      }
    }
    for (int64_t c = 0; c < n; ++c) out[c0 + c] = static_cast<T>(sums[c]);
  }
}

// Two taps by two, the shape of blur and bilinear interpolation, without sums in memory.
template <class T>
inline void four_pixels(const T* image, int64_t width, int64_t stride, std::span<const Taps::Tap> rows,
                        std::span<const Taps::Tap> columns, T* __restrict out, int64_t channels) {
  using A = accumulator_t<T>;
  auto at = [=](int i, int j) { return image + (rows[i].source * width + columns[j].source) * stride; };
  auto weight = [=](int i, int j) { return static_cast<A>(rows[i].weight * columns[j].weight); };
  const T* __restrict a = at(0, 0), * __restrict b = at(0, 1), * __restrict d = at(1, 0), * __restrict e = at(1, 1);
  A wa = weight(0, 0), wb = weight(0, 1), wd = weight(1, 0), we = weight(1, 1);
  for (int64_t c = 0; c < channels; ++c) {
    out[c] = static_cast<T>((wa * static_cast<A>(a[c]) + wb * static_cast<A>(b[c])) +
                            (wd * static_cast<A>(d[c]) + we * static_cast<A>(e[c])));
  }
}

template <class T>
inline void make_pixel(const T* image, int64_t width, int64_t stride, std::span<const Taps::Tap> rows,
                       std::span<const Taps::Tap> columns, T* out, int64_t channels) {
  if (rows.size() == 1 && columns.size() == 1 && rows[0].weight * columns[0].weight == 1) {
    std::memcpy(out, image + (rows[0].source * width + columns[0].source) * stride,
                static_cast<size_t>(channels) * sizeof(T));
  } else if (rows.size() == 2 && columns.size() == 2) {
    four_pixels(image, width, stride, rows, columns, out, channels);
  } else {
    weighted_pixel(image, width, stride, rows, columns, out, channels);
  }
}

// How many outputs from each one on read neighbouring sources with the same weights: where pixels lie densely, such a
// run is made as one long pixel.
std::vector<int64_t> runs_of(const Taps& taps) {
  auto continues = [&](int64_t output) {
    auto here = taps.of(output), next = taps.of(output + 1);
    return std::equal(here.begin(), here.end(), next.begin(), next.end(), [](const Taps::Tap& a, const Taps::Tap& b) {
      return a.source + 1 == b.source && a.weight == b.weight;
    });
  };
  std::vector<int64_t> runs(static_cast<size_t>(taps.outputs()), 1);
  for (int64_t i = taps.outputs() - 2; i >= 0; --i) {
    if (continues(i)) runs[static_cast<size_t>(i)] = runs[static_cast<size_t>(i) + 1] + 1;
  }
  return runs;
}

}  // namespace

void apply_taps(const char* op, Context& context, ConstView x, View y, const Taps& rows, const Taps& columns) {
  Shape expected{x.n(), x.c(), rows.outputs(), columns.outputs()};
  if (x.shape.rank() != 4 || x.h() != rows.sources() || x.w() != columns.sources() || !(y.shape == expected) ||
      x.dtype != y.dtype) {
    throw ShapeError("{} from {} {} gives {}, got {} {}", op, name_of(x.dtype), x.shape.text(), expected.text(),
                     name_of(y.dtype), y.shape.text());
  }
  visit_float(x.dtype, [&]<class T>(T) {
    const Taps *row_taps = &rows, *column_taps = &columns;
    std::vector<int64_t> runs = runs_of(columns);
    const int64_t* run = runs.data();
    bool dense = x.whole() && y.whole() && x.pixel_stride == y.pixel_stride;
    int64_t grain = std::max<int64_t>(1, elementwise::grain / std::max<int64_t>(1, y.w() * y.c()));
    parallel_for(context, y.n() * y.h(), grain, [=](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const T* image = x.as<T>() + row / y.h() * x.h() * x.w() * x.pixel_stride;
        T* out = y.as<T>() + row * y.w() * y.pixel_stride;
        for (int64_t w = 0, pixels; w < y.w(); w += pixels, out += pixels * y.pixel_stride) {
          pixels = dense ? run[w] : 1;
          int64_t elements = dense ? pixels * y.pixel_stride : x.c();
          make_pixel(image, x.w(), x.pixel_stride, row_taps->of(row % y.h()), column_taps->of(w), out, elements);
          for (int64_t lane = elements; lane < y.lanes; ++lane) out[lane] = T{};
        }
      }
    });
  });
}

void apply_taps_backward(const char* op, Context& context, ConstView grad_y, View grad_x, const Taps& rows,
                         const Taps& columns) {
  if (!grad_x.empty()) apply_taps(op, context, grad_y, grad_x, rows.transposed(), columns.transposed());
}

}  // namespace cuunet
