#include "tools/report/predictors.h"

#include "tools/report/luminance.h"

#include <algorithm>
#include <cmath>

namespace cuunet {

namespace {

constexpr size_t kEntries[] = {1, 256, 64};  // per TablePredictor::Key
constexpr double kSmoothing = 4;             // sigma of the brightness table's window, in entries

double luma(const uint8_t* rgb) { return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]; }

uint8_t to_byte(double value) { return static_cast<uint8_t>(std::clamp(value + 0.5, 0.0, 255.0)); }

}  // namespace

TablePredictor::TablePredictor(Key key) : key_(key), entries_(kEntries[static_cast<int>(key)]) {}

const char* TablePredictor::name() const {
  static const char* const names[] = {"one tint", "brightness -> colour", "row -> colour"};
  return names[static_cast<int>(key_)];
}

size_t TablePredictor::entry_of(double luma, double height) const {
  double place = key_ == Key::brightness ? luma / 256 : key_ == Key::row ? height : 0;
  return std::min(entries_.size() - 1, static_cast<size_t>(place * static_cast<double>(entries_.size())));
}

void TablePredictor::add(const Image& picture) {
  for (int64_t y = 0; y < picture.height; ++y) {
    double height = (static_cast<double>(y) + 0.5) / static_cast<double>(picture.height);
    for (int64_t x = 0; x < picture.width; ++x) {
      const uint8_t* rgb = picture.pixel(y, x);
      double own = luma(rgb);
      Entry& entry = entries_[entry_of(own, height)];
      entry.count += 1;
      for (size_t c = 0; c < 3; ++c) entry.chroma[c] += rgb[c] - own;
    }
  }
}

std::vector<std::array<double, 3>> TablePredictor::means() const {
  std::vector<std::array<double, 3>> table(entries_.size());
  int64_t reach = key_ == Key::brightness ? static_cast<int64_t>(3 * kSmoothing) : 0;
  for (int64_t i = 0; i < static_cast<int64_t>(entries_.size()); ++i) {
    double weight_sum = 0;
    std::array<double, 3> sum{};
    int64_t last = std::min<int64_t>(static_cast<int64_t>(entries_.size()) - 1, i + reach);
    for (int64_t j = std::max<int64_t>(0, i - reach); j <= last; ++j) {
      double distance = static_cast<double>(i - j) / kSmoothing, weight = std::exp(-0.5 * distance * distance);
      const Entry& entry = entries_[static_cast<size_t>(j)];
      weight_sum += weight * entry.count;
      for (size_t c = 0; c < 3; ++c) sum[c] += weight * entry.chroma[c];
    }
    if (weight_sum == 0) continue;
    for (size_t c = 0; c < 3; ++c) table[static_cast<size_t>(i)][c] = sum[c] / weight_sum;
  }
  return table;
}

Image TablePredictor::predict(const Image& picture) const {
  std::vector<std::array<double, 3>> table = means();
  Image colour(picture.width, picture.height);
  for (int64_t y = 0; y < picture.height; ++y) {
    double height = (static_cast<double>(y) + 0.5) / static_cast<double>(picture.height);
    for (int64_t x = 0; x < picture.width; ++x) {
      double own = luma(picture.pixel(y, x));
      size_t low = entry_of(own, height), high = low;
      double t = 0;
      if (key_ == Key::row) {  // between the centres of two entries
        double place =
            std::clamp(height * static_cast<double>(table.size()) - 0.5, 0.0, static_cast<double>(table.size() - 1));
        low = static_cast<size_t>(place);
        high = std::min(low + 1, table.size() - 1);
        t = place - static_cast<double>(low);
      }
      // Around mid-grey, where every mean colour fits into a byte; merge_luminance moves it to the picture's own.
      for (size_t c = 0; c < 3; ++c) {
        colour.pixel(y, x)[c] = to_byte(128 + table[low][c] + t * (table[high][c] - table[low][c]));
      }
    }
  }
  return merge_luminance(picture, colour);
}

std::vector<TablePredictor> fit_predictors(const std::vector<Image>& training_pictures) {
  std::vector<TablePredictor> predictors;
  for (auto key : {TablePredictor::Key::one_tint, TablePredictor::Key::brightness, TablePredictor::Key::row}) {
    predictors.emplace_back(key);
    for (const Image& picture : training_pictures) predictors.back().add(picture);
  }
  return predictors;
}

}  // namespace cuunet
