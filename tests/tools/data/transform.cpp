#include "tools/data/transform.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "kernels/device/error.h"
#include "tools/data/augmentation.h"

namespace cuunet {
namespace {

Image gradient(int64_t width, int64_t height) {
  Image image(width, height);
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      for (int64_t c = 0; c < 3; ++c) image.pixel(y, x)[c] = static_cast<uint8_t>((7 * x + 11 * y + 50 * c) % 256);
    }
  }
  return image;
}

Resize crop_to(int64_t size) { return {ResizeMethod::crop, size, size}; }

TEST_CASE("nothing to do returns the image itself") {
  Image image = gradient(5, 4);
  CHECK(transformed<float>(image, {}, {}).values == to_pixels<float>(image).values);
  CHECK(transformed<float>(image, no_augmentation(), crop_to(4)).values.size() == 48);
  CHECK(sampling_grid<float>({CropPad{}}, 4, 5, crop_to(4)).xy.empty());
}

TEST_CASE("bytes and floats give the same picture, shrunk by area or not") {
  RandomStream random(3, Purpose::augmentation);
  for (int64_t side : {20, 300}) {
    Image image = gradient(side + 31, side);
    std::vector<Operation> operations = draw_augmentation({}, random);
    Pixels<double> from_bytes = transformed<double>(image, operations, crop_to(24));
    Pixels<double> from_floats = transformed<double>(to_pixels<double>(image), operations, crop_to(24));
    for (size_t i = 0; i < from_bytes.values.size(); ++i) {
      // Sum of bytes over 255n against sum of rounded quotients over n: a few units in the last place.
      CHECK(from_bytes.values[i] == doctest::Approx(from_floats.values[i]).epsilon(1e-12));
    }
  }
}

TEST_CASE("photographs of any size give the size asked for, finite and in range") {
  RandomStream random(5, Purpose::augmentation);
  const std::array<int64_t, 2> sizes[] = {{1, 1}, {1, 50}, {50, 1}, {2, 3}, {7, 400}, {64, 64}, {100, 65}};
  for (auto [width, height] : sizes) {
    for (ResizeMethod method : {ResizeMethod::crop, ResizeMethod::pad, ResizeMethod::squish}) {
      for (Beyond beyond : {Beyond::reflection, Beyond::border, Beyond::zeros}) {
        Pixels<float> result =
            transformed<float>(gradient(width, height), draw_augmentation({}, random), {method, 16, 24}, beyond);
        CHECK(result.height == 16);
        CHECK(result.width == 24);
        CHECK(std::all_of(result.values.begin(), result.values.end(), [](float x) { return x >= 0 && x <= 1; }));
      }
    }
  }
}

TEST_CASE("area shrinking averages overlapping boxes as PyTorch's area mode does") {
  Image image(5, 1);
  for (int64_t x = 0; x < 5; ++x) image.pixel(0, x)[0] = static_cast<uint8_t>(51 * x);  // 0, .2, .4, .6, .8
  Pixels<double> shrunk = area_shrink<double>(image, 1, 2);                             // columns 0…2 and 2…4
  CHECK(shrunk.pixel(0, 0)[0] == doctest::Approx(0.2));
  CHECK(shrunk.pixel(0, 1)[0] == doctest::Approx(0.6));
}

TEST_CASE("an empty image and a warp onto a line are errors") {
  CHECK_THROWS_WITH_AS(transformed<float>(Image(), {}, {}), "transform: the image is empty", Error);
  CHECK_THROWS_WITH_AS(transformed<float>(gradient(4, 4), {SymmetricWarp{{-1, -1, -1, -1}}}, {}),
                       "warp: three corners on one line; make the magnitudes smaller", Error);
}

TEST_CASE("drawn transforms keep to their ranges and probabilities") {
  constexpr int draws = 4000;
  std::array<int, 8> seen{};
  double mean_log_contrast = 0;
  for (uint32_t i = 0; i < draws; ++i) {
    RandomStream random(1, Purpose::augmentation, 0, i);
    for (const Operation& operation : draw_augmentation({}, random)) {
      ++seen[operation.index()];
      if (auto* zoom = std::get_if<Zoom>(&operation)) CHECK((zoom->scale >= 1 && zoom->scale <= 1.1));
      if (auto* rotate = std::get_if<Rotate>(&operation)) CHECK(std::fabs(rotate->degrees) <= 10);
      if (auto* light = std::get_if<Brightness>(&operation)) CHECK((light->change >= 0.4 && light->change <= 0.6));
      if (auto* contrast = std::get_if<Contrast>(&operation)) {
        CHECK((contrast->scale >= 0.8 - 1e-9 && contrast->scale <= 1.25 + 1e-9));
        mean_log_contrast += std::log(contrast->scale) / draws;
      }
    }
  }
  auto share = [&](const Operation& kind) { return static_cast<double>(seen[kind.index()]) / draws; };
  // Standard deviation of a share of 4000 draws is at most 0.008.
  CHECK(share(FlipLeftRight{}) == doctest::Approx(0.5).epsilon(0.08));
  CHECK(share(SymmetricWarp{}) == doctest::Approx(0.75).epsilon(0.05));
  CHECK(share(Rotate{}) == doctest::Approx(0.75).epsilon(0.05));
  CHECK(share(Zoom{}) == doctest::Approx(0.75).epsilon(0.05));
  CHECK(share(Brightness{}) == doctest::Approx(0.75).epsilon(0.05));
  CHECK(share(Contrast{}) == doctest::Approx(0.75).epsilon(0.05));
  CHECK(share(CropPad{}) == 1);
  CHECK(std::fabs(mean_log_contrast) < 0.01);
}

TEST_CASE("one setting does not change the draws of another, and zero settings draw nothing but the crop") {
  AugmentationSettings off{0, 0, 1, 0, 0.75, 0, 0.75};
  RandomStream a(9, Purpose::augmentation), b(9, Purpose::augmentation);
  std::vector<Operation> nothing = draw_augmentation(off, a), all = draw_augmentation({}, b);
  CHECK(nothing.size() == 1);
  CHECK(std::get<CropPad>(nothing[0]).row_pct == std::get<CropPad>(all[0]).row_pct);
  CHECK(a.word() == b.word());
}

}  // namespace
}  // namespace cuunet
