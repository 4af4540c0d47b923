#include "tools/verify/augmentation_case.h"

#include "kernels/device/error.h"
#include "tools/verify/named_values.h"

#include <nlohmann/json.hpp>

namespace cuunet {

namespace {

using Json = nlohmann::json;

Operation parse_operation(const Json& entry) {
  auto op = entry.at("op").get<std::string>();
  auto number = [&](const char* field, double otherwise) { return entry.value(field, otherwise); };
  if (op == "symmetric_warp") return SymmetricWarp{entry.at("magnitude").get<std::array<double, 4>>()};
  if (op == "perspective_warp") return PerspectiveWarp{entry.at("magnitude").get<std::array<double, 8>>()};
  if (op == "rotate") return Rotate{entry.at("degrees").get<double>()};
  if (op == "zoom") return Zoom{entry.at("scale").get<double>(), number("row_pct", 0.5), number("col_pct", 0.5)};
  if (op == "brightness") return Brightness{entry.at("change").get<double>()};
  if (op == "contrast") return Contrast{entry.at("scale").get<double>()};
  if (op == "flip_lr") return FlipLeftRight{};
  if (op == "crop_pad") return CropPad{number("row_pct", 0.5), number("col_pct", 0.5)};
  throw Error("unknown operation '{}'", op);
}

// A whole number is a square to crop to (or to pad to, if asked); a pair squishes.
Resize parse_resize(const Json& apply) {
  auto size = apply.find("size");
  if (size == apply.end()) return {};
  if (size->is_array()) return {ResizeMethod::squish, size->at(0).get<int64_t>(), size->at(1).get<int64_t>()};
  auto method = apply.value("resize_method", std::string("crop"));
  if (method != "crop" && method != "pad") throw Error("unknown resize_method '{}'", method);
  return {method == "crop" ? ResizeMethod::crop : ResizeMethod::pad, size->get<int64_t>(), size->get<int64_t>()};
}

Beyond parse_padding(const std::string& name) {
  if (name == "reflection") return Beyond::reflection;
  if (name == "border") return Beyond::border;
  if (name == "zeros") return Beyond::zeros;
  throw Error("unknown padding_mode '{}'", name);
}

Pixels<double> make_image(const std::string& name, const Json& input, int64_t salt) {
  auto shape = input.at("shape").get<std::array<int64_t, 3>>();
  auto [channels, height, width] = shape;
  if (channels != 3) throw Error("image has {} channels; expected 3", channels);
  auto values = input_values(name + "/image", input.at("transform").get<std::string>(), 3 * height * width, salt);
  Pixels<double> image(height, width);
  for (int64_t i = 0; i < height * width; ++i) {
    for (int64_t c = 0; c < 3; ++c) {
      image.values[static_cast<size_t>(3 * i + c)] = values[static_cast<size_t>(c * height * width + i)];
    }
  }
  return image;
}

}  // namespace

AugmentationCase parse_augmentation_case(const Json& text) {
  std::string name = text.value("name", std::string("?"));
  try {
    AugmentationCase result;
    result.name = name;
    for (const Json& entry : text.at("operations")) result.operations.push_back(parse_operation(entry));
    result.resize = parse_resize(text.at("apply"));
    result.beyond = parse_padding(text.at("padding_mode").get<std::string>());
    result.image = make_image(name, text.at("inputs").at("image"), text.at("salt").get<int64_t>());
    return result;
  } catch (const std::exception& error) {
    throw Error("case {}: {}", name, error.what());
  }
}

template <class T>
std::map<std::string, std::vector<T>> run(const AugmentationCase& augmentation) {
  Pixels<T> image(augmentation.image.height, augmentation.image.width);
  image.values.assign(augmentation.image.values.begin(), augmentation.image.values.end());
  Pixels<T> result = transformed<T>(image, augmentation.operations, augmentation.resize, augmentation.beyond);
  std::map<std::string, std::vector<T>> outputs;
  std::vector<T>& output = outputs["output"];
  for (int c = 0; c < 3; ++c) {
    for (size_t i = static_cast<size_t>(c); i < result.values.size(); i += 3) output.push_back(result.values[i]);
  }
  Grid<T> grid = sampling_grid<T>(augmentation.operations, image.height, image.width, augmentation.resize);
  if (!grid.xy.empty()) outputs["grid"] = std::move(grid.xy);
  return outputs;
}

template std::map<std::string, std::vector<float>> run(const AugmentationCase&);
template std::map<std::string, std::vector<double>> run(const AugmentationCase&);

}  // namespace cuunet
