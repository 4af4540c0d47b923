#include "tools/report/predictors.h"

#include "kernels/device/error.h"
#include "kernels/image/quality.h"
#include "tools/data/scenes.h"
#include "tools/report/luminance.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

namespace cuunet {

namespace {

Image filled(int64_t width, int64_t height, uint8_t r, uint8_t g, uint8_t b) {
  Image image(width, height);
  for (int64_t i = 0; i < width * height; ++i) {
    image.rgb[static_cast<size_t>(3 * i)] = r;
    image.rgb[static_cast<size_t>(3 * i + 1)] = g;
    image.rgb[static_cast<size_t>(3 * i + 2)] = b;
  }
  return image;
}

double luma(const uint8_t* rgb) { return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]; }

int largest_difference(const Image& a, const Image& b) {
  int largest = 0;
  for (size_t i = 0; i < a.rgb.size(); ++i) largest = std::max(largest, std::abs(a.rgb[i] - b.rgb[i]));
  return largest;
}

}  // namespace

TEST_CASE("luminance: a picture merged with its own colour is itself, with a grey it is grey") {
  Image scene = draw_scene(1, 5, 48, SceneSplit::training);
  CHECK(merge_luminance(scene, scene).rgb == scene.rgb);
  // Y is not a whole number, and is rounded once here and once in the grey.
  CHECK(largest_difference(merge_luminance(scene, filled(48, 48, 90, 90, 90)), grey_of(scene)) <= 1);
  CHECK_THROWS_AS(merge_luminance(scene, filled(48, 47, 0, 0, 0)), ShapeError);
}

TEST_CASE("luminance: kept even where the colour does not fit") {
  Image colour = filled(1, 256, 255, 10, 40), original(1, 256);
  for (int64_t y = 0; y < 256; ++y) std::fill_n(original.pixel(y, 0), 3, static_cast<uint8_t>(y));
  Image merged = merge_luminance(original, colour);
  for (int64_t y = 0; y < 256; ++y) {
    CHECK(std::abs(luma(merged.pixel(y, 0)) - static_cast<double>(y)) <= 0.5);  // three channels rounded to bytes
  }
  CHECK(merged.pixel(255, 0)[1] == 255);
  CHECK(merged.pixel(0, 0)[0] == 0);
}

TEST_CASE("predictors: each recovers the world that it assumes") {
  std::vector<Image> tinted{filled(4, 4, 120, 90, 60), filled(4, 4, 150, 120, 90)};
  std::vector<TablePredictor> fitted = fit_predictors(tinted);
  REQUIRE(fitted.size() == 3);
  // One rounding to bytes of the tint, one of the merged colour.
  CHECK(largest_difference(fitted[0].predict(grey_of(tinted[0])), tinted[0]) <= 2);

  // Dark is blue, bright is yellow; the two are 100 steps apart, out of reach of the smoothing.
  std::vector<Image> by_brightness{filled(4, 4, 40, 40, 90), filled(4, 4, 160, 150, 90)};
  fitted = fit_predictors(by_brightness);
  for (const Image& truth : by_brightness) {
    CHECK(largest_difference(fitted[1].predict(grey_of(truth)), truth) <= 2);
    CHECK(largest_difference(fitted[0].predict(grey_of(truth)), truth) > 20);
  }

  // Blue above, green below, equally bright.
  Image by_row = filled(4, 64, 80, 110, 190);
  for (int64_t i = 4 * 32; i < 4 * 64; ++i) {
    uint8_t* pixel = &by_row.rgb[static_cast<size_t>(3 * i)];
    pixel[0] = 90, pixel[1] = 140, pixel[2] = 16;
  }
  fitted = fit_predictors({by_row});
  CHECK(largest_difference(fitted[2].predict(grey_of(by_row)), by_row) <= 2);
  CHECK(largest_difference(fitted[1].predict(grey_of(by_row)), by_row) > 20);
}

TEST_CASE("predictors: on the drawn scenes none of them comes far") {
  std::vector<Image> training;
  for (int64_t i = 0; i < 200; ++i) training.push_back(draw_scene(1, i, 32, SceneSplit::training));
  std::vector<TablePredictor> predictors = fit_predictors(training);
  double of_grey = 0;
  std::vector<double> gains(predictors.size());
  const int64_t count = 100;
  for (int64_t i = 0; i < count; ++i) {
    Image truth = draw_scene(1, i, 32, SceneSplit::unseen), grey = grey_of(truth);
    double base = psnr(grey.rgb, truth.rgb);
    of_grey += base / count;
    for (size_t p = 0; p < predictors.size(); ++p) {
      gains[p] += (psnr(predictors[p].predict(grey).rgb, truth.rgb) - base) / count;
    }
  }
  INFO("grey " << of_grey << " dB, gains: " << gains[0] << ", " << gains[1] << ", " << gains[2] << " dB");
  // The demo asks a network for 4 dB over grey and 2 dB over the best of these.
  for (double gain : gains) CHECK(gain < 2);
  CHECK(of_grey < 18);
}

}  // namespace cuunet
