// fastai v1's image transforms, all geometric ones composed into one bilinear sampling pass.
//
// Whatever the order of the list: warps, rotate, zoom, (one sampling), brightness, contrast, flip, crop.
//   grid       x, y in linspace(-1, 1) over the resized size
//   warp       (x, y) -> homography that takes the target corners to [-1,-1], [-1,1], [1,-1], [1,1]
//   affine     g -> A·g + b,  M = R·Z,  R = [[cos, -sin], [sin, cos]],  Z = 1/scale, A01 = M01·h/w, A10 = M10·w/h
//   lighting   sigmoid(scale·(logit(pixel) + logit(change))), pixels clamped to 1e-7 … 1 - 1e-7 first
// Before the sampling, with d = min(H/h, W/w)/2 and z = 2/(largest - smallest grid coordinate): if d > 1 and d > z the
// image is area-shrunk to floor(H/d) × floor(W/d). Nothing is sampled when neither size nor geometry changes.
// Source: fastai 1.0.56, vision/image.py and vision/transform.py (apply_tfms).
#pragma once

#include "tools/data/geometry.h"
#include "tools/data/sampling.h"

#include <array>
#include <cstdint>
#include <variant>
#include <vector>

namespace cuunet {

struct SymmetricWarp {
  std::array<double, 4> magnitude{};
};
struct PerspectiveWarp {
  std::array<double, 8> magnitude{};
};  // (x, y) of each corner
struct Rotate {
  double degrees = 0;
};
struct Zoom {
  double scale = 1, row_pct = 0.5, col_pct = 0.5;
};
struct Brightness {
  double change = 0.5;
};  // 0.5 changes nothing
struct Contrast {
  double scale = 1;
};
struct FlipLeftRight {};
struct CropPad {
  double row_pct = 0.5, col_pct = 0.5;
};  // to the size asked for; padded first if too small

using Operation =
    std::variant<SymmetricWarp, PerspectiveWarp, Rotate, Zoom, Brightness, Contrast, FlipLeftRight, CropPad>;

enum class ResizeMethod { none, crop, pad, squish };

// crop scales so that the short side fits, pad the long side; the CropPad of the list then cuts or fills.
// squish scales each side on its own and does not crop.
struct Resize {
  ResizeMethod method = ResizeMethod::none;
  int64_t height = 0, width = 0;
};

// The grid of the sampling pass for an image of this size; xy is empty when there is nothing to sample.
template <class T>
Grid<T> sampling_grid(const std::vector<Operation>& operations, int64_t height, int64_t width, const Resize& resize);

// A list of at most one CropPad as numbers, for a device that samples by itself.
struct Composition {
  int64_t height = 0, width = 0;                // of the resized image
  int64_t source_height = 0, source_width = 0;  // to area-shrink the image to before it is sampled
  std::vector<Homography> warps{};
  Affine affine{};
  bool sampled = false, flipped = false, lit = false;
  double light_shift = 0, light_scale = 1;
  int64_t top = 0, left = 0;  // where the crop begins in the resized image, negative in its padding
};
Composition compose(const std::vector<Operation>& operations, int64_t height, int64_t width, const Resize& resize);

// Error: an empty image, or a warp whose corners have no homography.
template <class T>
Pixels<T> transformed(const Pixels<T>& image, const std::vector<Operation>& operations, const Resize& resize,
                      Beyond beyond = Beyond::reflection);
template <class T>
Pixels<T> transformed(const Image& image, const std::vector<Operation>& operations, const Resize& resize,
                      Beyond beyond = Beyond::reflection);

}  // namespace cuunet
