#include "tools/demo/examination.h"

#include "kernels/device/error.h"
#include "kernels/image/ciede2000.h"
#include "kernels/image/quality.h"
#include "tools/report/luminance.h"
#include "tools/report/predictors.h"
#include "tools/report/table.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

Raster raster_of(const Image& image) {
  Raster raster(image.height, image.width, 3);
  std::copy(image.rgb.begin(), image.rgb.end(), raster.values.begin());
  return raster;
}

// The centre square of a picture at `size` × `size`.
Image centre_square(const Image& picture, int64_t size) {
  int64_t side = std::min(picture.width, picture.height);
  Image square(side, side);
  int64_t top = (picture.height - side) / 2, left = (picture.width - side) / 2;
  for (int64_t y = 0; y < side; ++y) std::copy_n(picture.pixel(top + y, left), side * 3, square.pixel(y, 0));
  Raster small = resample(raster_of(square), size, size);
  Image result(size, size);
  for (size_t i = 0; i < result.rgb.size(); ++i) {
    result.rgb[i] = static_cast<uint8_t>(std::lround(std::clamp(small.values[i], 0.0f, 255.0f)));
  }
  return result;
}

// The first `most` readable pictures.
std::vector<Image> squares(const PhotoSource& source, int64_t most, int64_t size) {
  std::vector<Image> pictures;
  for (int64_t i = 0; i < source.count() && static_cast<int64_t>(pictures.size()) < most; ++i) {
    try {
      pictures.push_back(centre_square(source.load(i), size));
    } catch (const FileError& error) {
      fmt::print(stderr, "cuunet: skipped: {}\n", error.what());
    }
  }
  if (pictures.empty()) throw FileError("no picture could be read to judge the network on");
  return pictures;
}

using Predict = std::function<Image(const Image&)>;

Score mark_of(const std::string& name, const std::vector<Image>& truths, const Predict& predict) {
  Score mark{.name = name};
  for (const Image& truth : truths) {
    Image picture = predict(truth);
    mark.psnr += psnr(std::span<const uint8_t>(picture.rgb), truth.rgb);
    mark.ciede2000 += mean_ciede2000(std::span<const uint8_t>(picture.rgb), truth.rgb);
    mark.colourfulness += colourfulness(std::span<const uint8_t>(picture.rgb));
  }
  auto count = static_cast<double>(truths.size());
  mark.psnr /= count;
  mark.ciede2000 /= count;
  mark.colourfulness /= count;
  return mark;
}

}  // namespace

const Score& Examination::of(const std::string& name) const {
  auto found = std::find_if(scores.begin(), scores.end(), [&](const Score& mark) { return mark.name == name; });
  if (found == scores.end()) throw Error("no mark is called '{}'", name);
  return *found;
}

std::string Examination::table() const {
  Table table({"picture", "PSNR dB", "CIEDE2000", "colourfulness"});
  for (const Score& mark : scores) {
    table.add_row({mark.name, std::isinf(mark.psnr) ? "-" : fmt::format("{:.2f}", mark.psnr),
                   fmt::format("{:.2f}", mark.ciede2000), fmt::format("{:.1f}", mark.colourfulness)});
  }
  return table.text();
}

nlohmann::ordered_json Examination::json() const {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const Score& mark : scores) {
    nlohmann::ordered_json one{{"picture", mark.name}};
    if (!std::isinf(mark.psnr)) one["psnr_db"] = mark.psnr;
    one["ciede2000"] = mark.ciede2000;
    one["colourfulness"] = mark.colourfulness;
    all.push_back(one);
  }
  return all;
}

Examination examine(Colorizer& colorizer, const PhotoSource& training, const PhotoSource& unseen,
                    const ExaminationOptions& options) {
  std::vector<TablePredictor> predictors = fit_predictors(squares(training, options.fitted_on, options.size));
  std::vector<Image> truths = squares(unseen, options.judged, options.size);
  auto ours = [&](const Image& truth) { return colorizer(grey_of(truth)); };
  Examination examination;
  examination.scores.push_back(mark_of("grey", truths, grey_of));
  for (const TablePredictor& predictor : predictors) {
    examination.scores.push_back(
        mark_of(predictor.name(), truths, [&](const Image& t) { return predictor.predict(t); }));
  }
  examination.scores.push_back(mark_of("ours", truths, ours));
  examination.scores.push_back(mark_of("truth", truths, [](const Image& truth) { return truth; }));
  auto shown = std::min(options.shown, static_cast<int64_t>(truths.size()));
  for (int64_t i = 0; i < shown; ++i) {
    const Image& truth = truths[static_cast<size_t>(i)];
    examination.sheet.push_back({"", {grey_of(truth), ours(truth), truth}});
  }
  return examination;
}

}  // namespace cuunet
