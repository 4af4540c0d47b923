#include "tools/data/sampling.h"

#include <algorithm>
#include <cmath>

namespace cuunet {

namespace {

template <class T, class Source>
Pixels<T> box_means(const Source* source, int64_t source_height, int64_t source_width, int64_t height, int64_t width,
                    T unit) {
  Pixels<T> result(height, width);
  for (int64_t i = 0; i < height; ++i) {
    int64_t top = i * source_height / height, bottom = ((i + 1) * source_height + height - 1) / height;
    for (int64_t j = 0; j < width; ++j) {
      int64_t left = j * source_width / width, right = ((j + 1) * source_width + width - 1) / width;
      T sum[3] = {};
      for (int64_t y = top; y < bottom; ++y) {
        const Source* row = source + y * source_width * 3;
        for (int64_t x = left; x < right; ++x) {
          for (int c = 0; c < 3; ++c) sum[c] += static_cast<T>(row[x * 3 + c]);
        }
      }
      T count = static_cast<T>((bottom - top) * (right - left)) * unit;
      for (int c = 0; c < 3; ++c) result.pixel(i, j)[c] = sum[c] / count;
    }
  }
  return result;
}

// Folds any position into [0, last] by mirroring about 0 and last.
template <class T>
T mirrored(T position, T last) {
  if (last <= 0) return 0;
  position = std::fmod(std::fabs(position), 2 * last);
  return position > last ? 2 * last - position : position;
}

template <class T>
T within(T position, T last, Beyond beyond) {
  if (!std::isfinite(position)) return beyond == Beyond::zeros ? T{-2} : T{0};
  switch (beyond) {
    case Beyond::reflection: return std::clamp(mirrored(position, last), T{0}, last);
    case Beyond::border: return std::clamp(position, T{0}, last);
    case Beyond::zeros: return std::clamp(position, T{-2}, last + 2);
  }
  return position;
}

}  // namespace

template <class T>
Pixels<T> to_pixels(const Image& image) {
  Pixels<T> result(image.height, image.width);
  std::transform(image.rgb.begin(), image.rgb.end(), result.values.begin(),
                 [](uint8_t byte) { return static_cast<T>(byte) / T{255}; });
  return result;
}

template <class T>
Pixels<T> area_shrink(const Pixels<T>& image, int64_t height, int64_t width) {
  return box_means<T>(image.values.data(), image.height, image.width, height, width, T{1});
}

template <class T>
Pixels<T> area_shrink(const Image& image, int64_t height, int64_t width) {
  return box_means<T>(image.rgb.data(), image.height, image.width, height, width, T{255});
}

template <class T>
Pixels<T> grid_sample(const Pixels<T>& image, const Grid<T>& grid, Beyond beyond) {
  Pixels<T> result(grid.height, grid.width);
  T last_x = static_cast<T>(image.width - 1), last_y = static_cast<T>(image.height - 1);
  for (int64_t i = 0; i < grid.height * grid.width; ++i) {
    T x = within((grid.xy[static_cast<size_t>(2 * i)] + 1) / 2 * last_x, last_x, beyond);
    T y = within((grid.xy[static_cast<size_t>(2 * i + 1)] + 1) / 2 * last_y, last_y, beyond);
    auto x0 = static_cast<int64_t>(std::floor(x)), y0 = static_cast<int64_t>(std::floor(y));
    T right = x - static_cast<T>(x0), lower = y - static_cast<T>(y0);
    T* out = result.values.data() + 3 * i;
    auto add = [&](int64_t row, int64_t column, T weight) {
      if (row < 0 || row >= image.height || column < 0 || column >= image.width) return;
      const T* pixel = image.pixel(row, column);
      for (int c = 0; c < 3; ++c) out[c] += pixel[c] * weight;
    };
    add(y0, x0, (1 - right) * (1 - lower));
    add(y0, x0 + 1, right * (1 - lower));
    add(y0 + 1, x0, (1 - right) * lower);
    add(y0 + 1, x0 + 1, right * lower);
  }
  return result;
}

template Pixels<float> to_pixels(const Image&);
template Pixels<double> to_pixels(const Image&);
template Pixels<float> area_shrink(const Pixels<float>&, int64_t, int64_t);
template Pixels<double> area_shrink(const Pixels<double>&, int64_t, int64_t);
template Pixels<float> area_shrink(const Image&, int64_t, int64_t);
template Pixels<double> area_shrink(const Image&, int64_t, int64_t);
template Pixels<float> grid_sample(const Pixels<float>&, const Grid<float>&, Beyond);
template Pixels<double> grid_sample(const Pixels<double>&, const Grid<double>&, Beyond);

}  // namespace cuunet
