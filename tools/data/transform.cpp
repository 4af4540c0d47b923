#include "tools/data/transform.h"

#include "kernels/device/error.h"
#include "tools/data/geometry.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cuunet {

namespace {

using Operations = std::vector<Operation>;

template <class Kind, class Visit>
void for_each(const Operations& operations, const Visit& visit) {
  for (const Operation& operation : operations) {
    if (auto* found = std::get_if<Kind>(&operation)) visit(*found);
  }
}

struct Size {
  int64_t height, width;
  bool operator==(const Size&) const = default;
};

int64_t rounded(double x) { return std::max<int64_t>(std::llrint(x), 1); }  // half to even, as Python's round

Size resized(Size image, const Resize& resize) {
  double rows = static_cast<double>(image.height) / static_cast<double>(resize.height);
  double columns = static_cast<double>(image.width) / static_cast<double>(resize.width);
  switch (resize.method) {
    case ResizeMethod::none: return image;
    case ResizeMethod::squish: return {resize.height, resize.width};
    case ResizeMethod::crop:
    case ResizeMethod::pad: break;
  }
  double ratio = resize.method == ResizeMethod::crop ? std::min(rows, columns) : std::max(rows, columns);
  return {rounded(static_cast<double>(image.height) / ratio), rounded(static_cast<double>(image.width) / ratio)};
}

std::vector<Homography> warps_of(const Operations& operations) {
  std::vector<Homography> warps;
  for_each<SymmetricWarp>(operations, [&](const SymmetricWarp& warp) {
    auto [a, b, c, d] = warp.magnitude;
    warps.push_back(homography({{{-1 - d, -1 - b}, {-1 - c, 1 + b}, {1 + d, -1 - a}, {1 + c, 1 + a}}}, image_corners));
  });
  for_each<PerspectiveWarp>(operations, [&](const PerspectiveWarp& warp) {
    Corners moved = image_corners;
    for (size_t i = 0; i < 8; ++i) moved[i / 2][i % 2] += warp.magnitude[i];
    warps.push_back(homography(moved, image_corners));
  });
  return warps;
}

Affine affine_of(const Operations& operations, Size size) {
  Affine affine;
  for_each<Rotate>(operations, [&](const Rotate& rotate) {
    double angle = rotate.degrees * std::numbers::pi / 180;
    affine = affine * Affine{{std::cos(angle), -std::sin(angle), 0, std::sin(angle), std::cos(angle), 0}};
  });
  for_each<Zoom>(operations, [&](const Zoom& zoom) {
    double shrink = 1 / zoom.scale, room = 1 - shrink;
    affine = affine * Affine{{shrink, 0, room * (2 * zoom.col_pct - 1), 0, shrink, room * (2 * zoom.row_pct - 1)}};
  });
  affine.m[1] *= static_cast<double>(size.height) / static_cast<double>(size.width);
  affine.m[3] *= static_cast<double>(size.width) / static_cast<double>(size.height);
  return affine;
}

template <class T>
T linspace(int64_t i, int64_t count) {
  return count > 1 ? T{-1} + T{2} * static_cast<T>(i) / static_cast<T>(count - 1) : T{-1};
}

template <class T>
void apply(const Homography& h, T& x, T& y) {
  std::array<T, 8> c;
  for (size_t i = 0; i < 8; ++i) c[i] = static_cast<T>(h[i]);
  T depth = c[6] * x + c[7] * y + 1, u = c[0] * x + c[1] * y + c[2], v = c[3] * x + c[4] * y + c[5];
  x = u / depth;
  y = v / depth;
}

template <class T>
void apply(const Affine& affine, T& x, T& y) {
  std::array<T, 6> m;
  for (size_t i = 0; i < 6; ++i) m[i] = static_cast<T>(affine.m[i]);
  T u = m[0] * x + m[1] * y + m[2], v = m[3] * x + m[4] * y + m[5];
  x = u;
  y = v;
}

// The size to shrink to by area before a sampling that would skip pixels, or the image's own.
template <class T>
Size before_sampling(Size image, const Grid<T>& grid) {
  auto [smallest, largest] = std::minmax_element(grid.xy.begin(), grid.xy.end());
  double zoom = 2 / (static_cast<double>(*largest) - static_cast<double>(*smallest));
  double height = static_cast<double>(image.height), width = static_cast<double>(image.width);
  double d = std::min(height / static_cast<double>(grid.height), width / static_cast<double>(grid.width)) / 2;
  if (!(d > 1 && d > zoom)) return image;
  return {static_cast<int64_t>(std::floor(height / d)), static_cast<int64_t>(std::floor(width / d))};
}

Pixels<float> as_pixels(const Image& image, float) { return to_pixels<float>(image); }
Pixels<double> as_pixels(const Image& image, double) { return to_pixels<double>(image); }
template <class T>
const Pixels<T>& as_pixels(const Pixels<T>& image, T) {
  return image;
}

template <class T>
void light(const Operations& operations, Pixels<T>& image) {
  bool any = false;
  T shift = 0, scale = 1;
  for_each<Brightness>(operations, [&](const Brightness& brightness) {
    any = true;
    shift += static_cast<T>(std::log(brightness.change / (1 - brightness.change)));
  });
  for_each<Contrast>(operations, [&](const Contrast& contrast) {
    any = true;
    scale *= static_cast<T>(contrast.scale);
  });
  if (!any) return;
  for (T& x : image.values) {
    T clamped = std::clamp(x, static_cast<T>(1e-7), static_cast<T>(1 - 1e-7));
    T logit = -std::log(1 / clamped - 1);
    x = 1 / (1 + std::exp(-(logit + shift) * scale));
  }
}

template <class T>
void flip(Pixels<T>& image) {
  for (int64_t y = 0; y < image.height; ++y) {
    for (int64_t x = 0; x < image.width / 2; ++x) {
      std::swap_ranges(image.pixel(y, x), image.pixel(y, x) + 3, image.pixel(y, image.width - 1 - x));
    }
  }
}

// Where a crop of `size` out of `have` begins, counted from the edge of the unpadded image (negative in the padding).
int64_t crop_start(int64_t have, int64_t size, double pct, bool padded) {
  int64_t padding = padded ? std::max<int64_t>((size - have + 1) / 2, 0) : 0;
  if (pct >= 1) pct = 1 - 1e-7;
  return static_cast<int64_t>(static_cast<double>(have + 2 * padding - size + 1) * pct) - padding;
}

// The index that stands at position i of a row padded on both sides; -1 for a zero.
int64_t padded_index(int64_t i, int64_t count, Beyond beyond) {
  if (i >= 0 && i < count) return i;
  if (beyond == Beyond::zeros) return -1;
  if (beyond == Beyond::border || count == 1) return std::clamp<int64_t>(i, 0, count - 1);
  int64_t period = 2 * (count - 1), folded = ((i % period) + period) % period;
  return std::min(folded, period - folded);
}

template <class T>
Pixels<T> cropped(const Pixels<T>& image, Size size, const CropPad& crop, Beyond beyond) {
  if (Size{image.height, image.width} == size) return image;
  bool padded = image.height < size.height || image.width < size.width;
  int64_t top = crop_start(image.height, size.height, crop.row_pct, padded);
  int64_t left = crop_start(image.width, size.width, crop.col_pct, padded);
  Pixels<T> result(size.height, size.width);
  for (int64_t y = 0; y < size.height; ++y) {
    int64_t row = padded_index(top + y, image.height, beyond);
    for (int64_t x = 0; x < size.width; ++x) {
      int64_t column = padded_index(left + x, image.width, beyond);
      if (row >= 0 && column >= 0) std::copy_n(image.pixel(row, column), 3, result.pixel(y, x));
    }
  }
  return result;
}

template <class T, class Source>
Pixels<T> sampled(const Source& image, const Operations& operations, const Resize& resize, Beyond beyond) {
  Grid<T> grid = sampling_grid<T>(operations, image.height, image.width, resize);
  if (grid.xy.empty()) return as_pixels(image, T{});
  Size size{image.height, image.width}, shrunk = before_sampling(size, grid);
  if (shrunk == size) return grid_sample<T>(as_pixels(image, T{}), grid, beyond);
  return grid_sample<T>(area_shrink<T>(image, shrunk.height, shrunk.width), grid, beyond);
}

template <class T, class Source>
Pixels<T> transform(const Source& image, const Operations& operations, const Resize& resize, Beyond beyond) {
  if (image.height < 1 || image.width < 1) throw Error("transform: the image is empty");
  Pixels<T> result = sampled<T>(image, operations, resize, beyond);
  light(operations, result);
  for_each<FlipLeftRight>(operations, [&](FlipLeftRight) { flip(result); });
  if (resize.method == ResizeMethod::crop || resize.method == ResizeMethod::pad) {
    for_each<CropPad>(operations, [&](const CropPad& crop) {
      result = cropped(result, {resize.height, resize.width}, crop, beyond);
    });
  }
  return result;
}

// Adds where cell (i, j) of the resized image is read.
template <class T>
void add_place(Grid<T>& grid, int64_t i, int64_t j, const std::vector<Homography>& warps, const Affine& affine) {
  T x = linspace<T>(j, grid.width), y = linspace<T>(i, grid.height);
  for (const Homography& warp : warps) apply(warp, x, y);
  apply(affine, x, y);
  grid.xy.push_back(x);
  grid.xy.push_back(y);
}

}  // namespace

Composition compose(const Operations& operations, int64_t height, int64_t width, const Resize& resize) {
  Size image{height, width}, size = resized(image, resize);
  Composition all{.height = size.height, .width = size.width, .warps = warps_of(operations)};
  all.affine = affine_of(operations, size);
  all.sampled = !all.warps.empty() || all.affine != Affine{} || size != image;
  Grid<float> corners{size.height, size.width, {}};
  for (int64_t i : {int64_t{0}, size.height - 1}) {
    for (int64_t j : {int64_t{0}, size.width - 1}) add_place(corners, i, j, all.warps, all.affine);
  }
  Size source = all.sampled ? before_sampling(image, corners) : image;
  all.source_height = source.height;
  all.source_width = source.width;
  for_each<FlipLeftRight>(operations, [&](FlipLeftRight) { all.flipped = !all.flipped; });
  for_each<Brightness>(operations, [&](const Brightness& brightness) {
    all.lit = true;
    all.light_shift += std::log(brightness.change / (1 - brightness.change));
  });
  for_each<Contrast>(operations, [&](const Contrast& contrast) {
    all.lit = true;
    all.light_scale *= contrast.scale;
  });
  bool cuts = resize.method == ResizeMethod::crop || resize.method == ResizeMethod::pad;
  if (!cuts || size == Size{resize.height, resize.width}) return all;
  bool padded = size.height < resize.height || size.width < resize.width;
  for_each<CropPad>(operations, [&](const CropPad& crop) {
    all.top = crop_start(size.height, resize.height, crop.row_pct, padded);
    all.left = crop_start(size.width, resize.width, crop.col_pct, padded);
  });
  return all;
}

template <class T>
Grid<T> sampling_grid(const Operations& operations, int64_t height, int64_t width, const Resize& resize) {
  Size size = resized({height, width}, resize);
  std::vector<Homography> warps = warps_of(operations);
  Affine affine = affine_of(operations, size);
  Grid<T> grid{size.height, size.width, {}};
  if (warps.empty() && affine == Affine{} && size == Size{height, width}) return grid;
  grid.xy.reserve(static_cast<size_t>(size.height * size.width * 2));
  for (int64_t i = 0; i < size.height; ++i) {
    for (int64_t j = 0; j < size.width; ++j) add_place(grid, i, j, warps, affine);
  }
  return grid;
}

template <class T>
Pixels<T> transformed(const Pixels<T>& image, const Operations& operations, const Resize& resize, Beyond beyond) {
  return transform<T>(image, operations, resize, beyond);
}

template <class T>
Pixels<T> transformed(const Image& image, const Operations& operations, const Resize& resize, Beyond beyond) {
  return transform<T>(image, operations, resize, beyond);
}

template Grid<float> sampling_grid(const Operations&, int64_t, int64_t, const Resize&);
template Grid<double> sampling_grid(const Operations&, int64_t, int64_t, const Resize&);
template Pixels<float> transformed(const Pixels<float>&, const Operations&, const Resize&, Beyond);
template Pixels<double> transformed(const Pixels<double>&, const Operations&, const Resize&, Beyond);
template Pixels<float> transformed(const Image&, const Operations&, const Resize&, Beyond);
template Pixels<double> transformed(const Image&, const Operations&, const Resize&, Beyond);

}  // namespace cuunet
