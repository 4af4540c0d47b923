#include "engine/io/resample.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace cuunet;

namespace {

Raster row(std::vector<float> values) {
  Raster raster(1, static_cast<int64_t>(values.size()), 1);
  raster.values = std::move(values);
  return raster;
}

}  // namespace

TEST_CASE("resample: the same size gives the same picture") {
  CHECK(resample(row({1, 5, 2}), 1, 3).values == std::vector<float>{1, 5, 2});
}

TEST_CASE("resample: halving weighs two neighbours on each side by 1 3 3 1") {
  Raster half = resample(row({0, 8, 16, 24, 32, 40}), 1, 3);
  CHECK(half.values[1] == doctest::Approx((8 * 1 + 16 * 3 + 24 * 3 + 32 * 1) / 8.0));
  CHECK(half.values[0] == doctest::Approx((0 * 3 + 8 * 3 + 16 * 1) / 7.0));
}

TEST_CASE("resample: doubling interpolates between pixel centres") {
  Raster twice = resample(row({0, 4}), 1, 4);
  const std::vector<float> expected{0, 1, 3, 4};
  for (size_t i = 0; i < 4; ++i) CHECK(twice.values[i] == doctest::Approx(expected[i]));
}

TEST_CASE("resample: a flat picture stays flat at odd sizes") {
  Raster flat(7, 5, 3);
  std::fill(flat.values.begin(), flat.values.end(), 0.5f);
  for (auto [h, w] : {std::pair{3, 11}, {1, 1}, {20, 2}}) {
    Raster resized = resample(flat, h, w);
    CHECK(resized.height == h);
    CHECK(resized.width == w);
    for (float value : resized.values) CHECK(value == doctest::Approx(0.5f));
  }
}

TEST_CASE("resample: row by row gives the same numbers") {
  Raster source(5, 7, 3);
  for (size_t i = 0; i < source.values.size(); ++i) source.values[i] = static_cast<float>(i % 11);
  for (auto [h, w] : {std::pair{5, 7}, {13, 4}, {1, 30}}) {
    Raster whole = resample(source, h, w);
    int64_t rows = 0;
    resample_rows(source, h, w, [&](int64_t y, const float* row) {
      CHECK(y == rows++);
      for (int64_t i = 0; i < 3 * w; ++i) CHECK(row[i] == whole.pixel(y, 0)[i]);
    });
    CHECK(rows == h);
  }
}
