// Training pairs from photographs of the CUDA sources against the f64 loops.
#include "kernels/image/area_shrink.h"
#include "kernels/image/grey_pair.h"
#include "tests/kernels/simt/device_check.h"

#include <doctest/doctest.h>

#include <cmath>

namespace cuunet::simt {
namespace {

constexpr Role output = Role::output;
using Views = std::vector<View>;

// A smooth photograph [H, W, 3], as photographs are: rounding of a position moves a colour little.
template <class T>
std::vector<T> photograph(int64_t height, int64_t width, float white) {
  std::vector<T> rgb(static_cast<size_t>(height * width * 3));
  for (size_t i = 0; i < rgb.size(); ++i) {
    auto x = static_cast<float>(i / 3 % static_cast<size_t>(width)), c = static_cast<float>(i % 3);
    auto y = static_cast<float>(i / 3 / static_cast<size_t>(width));
    rgb[i] = static_cast<T>(white * (0.5f + 0.45f * std::sin(0.3f * x + 0.2f * y * (1 + c) + c)));
  }
  return rgb;
}

template <class T>
ConstView view_of(const std::vector<T>& rgb, int64_t height, int64_t width) {
  auto count = static_cast<int64_t>(rgb.size());
  return {rgb.data(), dtype_of<T>, {height, width, 3}, count, count};
}

constexpr Normalisation imagenet{{0.485f, 0.456f, 0.406f}, {0.229f, 0.224f, 0.225f}};

TEST_CASE("simt: make_grey_pairs") {
  std::vector<uint8_t> bytes = photograph<uint8_t>(17, 23, 255);
  std::vector<float> floats = photograph<float>(17, 23, 1);
  for (Shape pair : {Shape{1, 3, 17, 23}, Shape{30, 3, 9, 7}, Shape{5, 3, 21, 29}}) {
    std::vector<PictureTransform> pictures;
    for (int64_t n = 0; n < pair[0]; ++n) {
      PictureTransform p{.photo = n % 2 == 0 ? view_of(bytes, 17, 23) : view_of(floats, 17, 23),
                         .grid_height = n % 5 == 0 ? 17 : 12,
                         .grid_width = n % 5 == 0 ? 23 : 15,
                         .top = n % 5 == 0 ? -2 : 1,
                         .left = n % 7,
                         .sampled = n % 5 != 0,
                         .flipped = n % 3 == 0,
                         .lit = n % 4 == 0};
      p.warps = static_cast<int>(n % 3);
      p.warp = {{{1.1, 0.05, -0.03, 0.02, 0.9, 0.1, 0.07, -0.05}, {0.95, 0, 0.2, -0.1, 1.2, 0, 0, 0.1}}};
      p.affine = {0.9, -0.2, 0.1, 0.15, 1.1, -0.1};
      p.light_shift = 0.3;
      p.light_scale = 1.2;
      pictures.push_back(p);
    }
    check_device({"make_grey_pairs " + pair.text(),
                  {{pair, output}, {pair, output}},
                  [&](Context& c, const Views& v) { make_grey_pairs(c, pictures, v[0], v[1], imagenet); },
                  // A position among 23 pixels is rounded to 2^-20 of one; the normalisation enlarges by 4.4.
                  {.f32 = 1e-5}});
  }
}

TEST_CASE("simt: area_shrink") {
  for (int64_t height : {3, 17, 40}) {
    std::vector<uint8_t> bytes = photograph<uint8_t>(height, 23, 255);
    std::vector<float> floats = photograph<float>(height, 23, 1);
    for (const Shape& small : {Shape{1, 1, 3}, Shape{3, 23, 3}, Shape{2, 9, 3}}) {
      TensorRow result{small, output, true};
      check_device({"area_shrink of bytes", {result}, [&](Context& c, const Views& v) {
                      area_shrink_forward(c, view_of(bytes, height, 23), v[0]);
                    }});
      check_device({"area_shrink of floats", {result}, [&](Context& c, const Views& v) {
                      area_shrink_forward(c, view_of(floats, height, 23), v[0]);
                    }});
    }
  }
}

}  // namespace
}  // namespace cuunet::simt
