#include "kernels/image/grey_pair.h"

#include "kernels/device/elementwise.h"
#include "kernels/image/photograph.h"

#include <algorithm>
#include <cmath>

namespace cuunet {

void require_grey_pairs(std::span<const PictureTransform> pictures, ConstView input, ConstView target) {
  require_same_shape("make_grey_pairs", input, target);
  if (input.shape.rank() != 4 || input.c() != 3 || input.n() != static_cast<int64_t>(pictures.size())) {
    throw ShapeError("make_grey_pairs: expected [{}, 3, H, W] for {} pictures, got {}", pictures.size(),
                     pictures.size(), input.shape.text());
  }
  for (const PictureTransform& p : pictures) {
    require_photograph("make_grey_pairs", p.photo);
    bool same = p.grid_height == p.photo.shape[0] && p.grid_width == p.photo.shape[1];
    if (p.grid_height > 0 && p.grid_width > 0 && p.warps <= 2 && (p.sampled || same)) continue;
    throw ShapeError("make_grey_pairs: a grid of {} x {} does not fit a photograph {}{}", p.grid_height, p.grid_width,
                     p.photo.shape.text(), p.sampled ? "" : " that is not sampled");
  }
}

namespace {

// Position i of a row of `count` cells, mirrored about the centres of its ends.
int64_t mirrored_index(int64_t i, int64_t count) {
  if (count == 1) return 0;
  int64_t period = 2 * (count - 1), folded = ((i % period) + period) % period;
  return std::min(folded, period - folded);
}

template <class A>
A mirrored_position(A position, A last) {
  if (last <= 0 || !std::isfinite(position)) return 0;
  position = std::fmod(std::fabs(position), 2 * last);
  return std::clamp(position > last ? 2 * last - position : position, A(0), last);
}

template <class A>
struct Point {
  A u, v;
};

template <class A>
Point<A> moved(const PictureTransform& p, Point<A> at) {
  auto f = [](double value) { return static_cast<A>(value); };
  for (int w = 0; w < p.warps; ++w) {
    const auto& c = p.warp[static_cast<size_t>(w)];
    A depth = f(c[6]) * at.u + f(c[7]) * at.v + 1;
    at = {(f(c[0]) * at.u + f(c[1]) * at.v + f(c[2])) / depth, (f(c[3]) * at.u + f(c[4]) * at.v + f(c[5])) / depth};
  }
  const auto& m = p.affine;
  return {f(m[0]) * at.u + f(m[1]) * at.v + f(m[2]), f(m[3]) * at.u + f(m[4]) * at.v + f(m[5])};
}

template <class A>
A linspace(int64_t i, int64_t count) {
  return count > 1 ? A(-1) + A(2) * static_cast<A>(i) / static_cast<A>(count - 1) : A(-1);
}

template <class A>
std::array<A, 3> sampled(const PictureTransform& p, int64_t i, int64_t j) {
  Point<A> place = moved<A>(p, {linspace<A>(j, p.grid_width), linspace<A>(i, p.grid_height)});
  int64_t height = p.photo.shape[0], width = p.photo.shape[1];
  A last_x = static_cast<A>(width - 1), last_y = static_cast<A>(height - 1);
  A x = mirrored_position((place.u + 1) / 2 * last_x, last_x),
    y = mirrored_position((place.v + 1) / 2 * last_y, last_y);
  auto x0 = static_cast<int64_t>(x), y0 = static_cast<int64_t>(y);
  A right = x - static_cast<A>(x0), lower = y - static_cast<A>(y0);
  int64_t x1 = std::min(x0 + 1, width - 1), y1 = std::min(y0 + 1, height - 1);
  std::array<A, 3> rgb;
  for (size_t c = 0; c < 3; ++c) {
    auto pixel = [&](int64_t row, int64_t column) {
      return colour_at<A>(p.photo, row, column, static_cast<int64_t>(c));
    };
    rgb[c] = pixel(y0, x0) * ((1 - right) * (1 - lower)) + pixel(y0, x1) * (right * (1 - lower)) +
             pixel(y1, x0) * ((1 - right) * lower) + pixel(y1, x1) * (right * lower);
  }
  return rgb;
}

template <class A>
std::array<A, 3> colour_of(const PictureTransform& p, int64_t y, int64_t x) {
  int64_t i = mirrored_index(p.top + y, p.grid_height), j = mirrored_index(p.left + x, p.grid_width);
  if (p.flipped) j = p.grid_width - 1 - j;
  std::array<A, 3> rgb;
  if (p.sampled)
    rgb = sampled<A>(p, i, j);
  else
    for (size_t c = 0; c < 3; ++c) rgb[c] = colour_at<A>(p.photo, i, j, static_cast<int64_t>(c));
  if (!p.lit) return rgb;
  for (A& value : rgb) {
    A logit = -std::log(1 / std::clamp(value, static_cast<A>(1e-7), static_cast<A>(1 - 1e-7)) - 1);
    value = 1 / (1 + std::exp(-(logit + static_cast<A>(p.light_shift)) * static_cast<A>(p.light_scale)));
  }
  return rgb;
}

void make(Context& context, std::span<const PictureTransform> pictures, View input, View target,
          const Normalisation& normal) {
  require_grey_pairs(pictures, input, target);
  visit_float(input.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    int64_t height = input.h(), width = input.w();
    const PictureTransform* all = pictures.data();
    parallel_for(context, input.n() * height, 8, [=](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        for (int64_t x = 0; x < width; ++x) {
          std::array<A, 3> rgb = colour_of<A>(all[row / height], row % height, x);
          A grey = A(0.299) * rgb[0] + A(0.587) * rgb[1] + A(0.114) * rgb[2];
          T* to_input = input.as<T>() + (row * width + x) * input.pixel_stride;
          T* to_target = target.as<T>() + (row * width + x) * target.pixel_stride;
          for (size_t c = 0; c < 3; ++c) {
            to_input[c] = static_cast<T>((grey - A(normal.mean[c])) / A(normal.std[c]));
            to_target[c] = static_cast<T>((rgb[c] - A(normal.mean[c])) / A(normal.std[c]));
          }
          std::fill(to_input + 3, to_input + input.lanes, T{});
          std::fill(to_target + 3, to_target + target.lanes, T{});
        }
      }
    });
  });
}

const Implementation pairs_on_cpu{make_grey_pairs, Device::cpu, make};

}  // namespace
}  // namespace cuunet
