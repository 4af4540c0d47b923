#include "tools/training/run_pictures.h"

#include "engine/io/image_writer.h"
#include "tools/data/grey_pair.h"
#include "tools/report/log.h"
#include "tools/report/plot.h"
#include "tools/report/sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

struct RunCurves {
  Curve training{.name = "", .x = {}, .y = {}, .faint = true}, validation{.name = "validation", .x = {}, .y = {}};
  std::vector<Curve> rates;
  std::vector<Mark> stages;
};

double number(const nlohmann::ordered_json& value) { return value.is_number() ? value.get<double>() : std::nan(""); }

void add_step(RunCurves& curves, const nlohmann::ordered_json& line) {
  double step = number(line.at("steps_done"));
  curves.training.x.push_back(step);
  curves.training.y.push_back(number(line.at("loss")));
  const auto& rates = line.at("learning_rates");
  while (curves.rates.size() < rates.size()) {
    curves.rates.push_back({.name = fmt::format("group {}", curves.rates.size()), .x = {}, .y = {}});
  }
  for (size_t g = 0; g < rates.size(); ++g) {
    curves.rates[g].x.push_back(step);
    curves.rates[g].y.push_back(number(rates[g]));
  }
}

RunCurves curves_of(const std::vector<nlohmann::ordered_json>& log) {
  RunCurves curves;
  int stage = 0;
  for (const nlohmann::ordered_json& line : log) {
    if (line.at("stage") != stage) {
      stage = line.at("stage");
      curves.stages.push_back({number(line.at("steps_done")), fmt::format("stage {}", stage)});
    }
    if (line.at("type") == "step") add_step(curves, line);
    if (line.at("type") == "epoch" && line.contains("valid_loss")) {
      curves.validation.x.push_back(number(line.at("steps_done")));
      curves.validation.y.push_back(number(line.at("valid_loss")));
    }
  }
  return curves;
}

void write_svg(const std::filesystem::path& path, const std::string& svg) {
  write_file(path, std::as_bytes(std::span(svg)), Existing::replace);
}

}  // namespace

Image denormalised(const Tensor& pictures, int64_t i) {
  int64_t height = pictures.shape()[2], width = pictures.shape()[3];
  std::vector<float> values = pictures.images(i, i + 1).to_host_f32();  // [3, H, W]
  Image image(width, height);
  for (int64_t c = 0; c < 3; ++c) {
    const float* plane = values.data() + c * height * width;
    for (int64_t p = 0; p < height * width; ++p) {
      float level = 255 * (plane[p] * imagenet_deviation[c] + imagenet_mean[c]);
      image.rgb[static_cast<size_t>(p * 3 + c)] =
          static_cast<uint8_t>(std::lround(std::max(0.0f, std::min(255.0f, level))));
    }
  }
  return image;
}

void write_progress_sheet(const std::filesystem::path& file, const Tensor& input, const Tensor& prediction,
                          const Tensor& truth) {
  std::vector<SheetRow> rows;
  for (int64_t i = 0; i < input.shape()[0]; ++i) {
    rows.push_back({"", {denormalised(input, i), denormalised(prediction, i), denormalised(truth, i)}});
  }
  Image sheet =
      draw_sheet({"grey", "prediction", "truth"}, rows, {.cell = std::clamp<int64_t>(input.shape()[2], 128, 256)});
  write_image(file, sheet, {.existing = Existing::replace, .metadata = {}});
}

void write_curves(const std::filesystem::path& log, const std::filesystem::path& folder) {
  RunCurves curves = curves_of(read_log(log));
  Curve mean = smoothed(curves.training);
  mean.name = "training";
  mean.faint = false;
  write_svg(folder / "loss.svg", plot_svg({curves.training, mean, curves.validation},
                                          {.title = "Loss", .x_label = "step", .y_label = "", .marks = curves.stages}));
  write_svg(
      folder / "learning_rate.svg",
      plot_svg(curves.rates,
               {.title = "Learning rate", .x_label = "step", .y_label = "", .log_y = true, .marks = curves.stages}));
}

}  // namespace cuunet
