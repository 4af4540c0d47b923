#include "engine/io/resample.h"

#include <algorithm>
#include <cmath>

namespace cuunet {
namespace {

// The source positions and weights of one output position.
struct Taps {
  int64_t first;
  std::vector<float> weights;
};

std::vector<Taps> taps_of(int64_t in, int64_t out) {
  std::vector<Taps> all(static_cast<size_t>(out));
  double scale = static_cast<double>(in) / static_cast<double>(out), support = std::max(scale, 1.0);
  for (int64_t i = 0; i < out; ++i) {
    double centre = (static_cast<double>(i) + 0.5) * scale;
    auto begin = std::max<int64_t>(0, static_cast<int64_t>(centre - support + 0.5));
    auto end = std::min<int64_t>(in, static_cast<int64_t>(centre + support + 0.5));
    std::vector<double> weights;
    double sum = 0;
    for (int64_t j = begin; j < end; ++j) {
      double weight = std::max(0.0, 1.0 - std::abs(static_cast<double>(j) + 0.5 - centre) / support);
      weights.push_back(weight);
      sum += weight;
    }
    Taps& taps = all[static_cast<size_t>(i)];
    taps.first = begin;
    for (double weight : weights) taps.weights.push_back(static_cast<float>(weight / sum));
  }
  return all;
}

Raster resample_columns(const Raster& source, int64_t width) {
  Raster result(source.height, width, source.channels);
  std::vector<Taps> taps = taps_of(source.width, width);
  for (int64_t y = 0; y < source.height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const Taps& tap = taps[static_cast<size_t>(x)];
      float* out = result.pixel(y, x);
      for (size_t k = 0; k < tap.weights.size(); ++k) {
        const float* in = source.pixel(y, tap.first + static_cast<int64_t>(k));
        for (int64_t c = 0; c < source.channels; ++c) out[c] += tap.weights[k] * in[c];
      }
    }
  }
  return result;
}

}  // namespace

void resample_rows(const Raster& source, int64_t height, int64_t width,
                   const std::function<void(int64_t y, const float* row)>& give) {
  Raster columns = resample_columns(source, width);
  std::vector<Taps> taps = taps_of(source.height, height);
  int64_t length = width * source.channels;
  std::vector<float> row(static_cast<size_t>(length));
  for (int64_t y = 0; y < height; ++y) {
    const Taps& tap = taps[static_cast<size_t>(y)];
    std::fill(row.begin(), row.end(), 0.0f);
    for (size_t k = 0; k < tap.weights.size(); ++k) {
      const float* in = columns.pixel(tap.first + static_cast<int64_t>(k), 0);
      for (int64_t i = 0; i < length; ++i) row[static_cast<size_t>(i)] += tap.weights[k] * in[i];
    }
    give(y, row.data());
  }
}

Raster resample(const Raster& source, int64_t height, int64_t width) {
  if (source.height == height && source.width == width) return source;
  Raster result(height, width, source.channels);
  resample_rows(source, height, width,
                [&](int64_t y, const float* row) { std::copy_n(row, width * source.channels, result.pixel(y, 0)); });
  return result;
}

}  // namespace cuunet
