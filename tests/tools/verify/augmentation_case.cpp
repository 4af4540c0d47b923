#include "tools/verify/augmentation_case.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "kernels/device/error.h"
#include "weights/format/safetensors.h"

namespace cuunet {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const fs::path folder = fs::path(CUUNET_SOURCE_DIR) / "tests/conformance/fastai_unet";

std::vector<fs::path> case_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json" && entry.path().filename().string().starts_with("aug_")) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

// The largest share of the tolerance used: |got - want| / (atol + rtol |want|).
template <class T>
double share_used(const std::vector<T>& got, const std::vector<double>& want, double atol, double rtol) {
  REQUIRE(got.size() == want.size());
  double worst = 0;
  for (size_t i = 0; i < want.size(); ++i) {
    double difference = std::fabs(static_cast<double>(got[i]) - want[i]);
    worst = std::max(worst, std::isfinite(difference) ? difference / (atol + rtol * std::fabs(want[i])) : 1e300);
  }
  return worst;
}

TEST_CASE("augmentation agrees with fastai in every conformance case, in f32 and f64") {
  std::vector<fs::path> files = case_files();
  CHECK(files.size() == 18);
  for (const fs::path& file : files) {
    CAPTURE(file.stem().string());
    Json text = Json::parse(std::ifstream(file));
    AugmentationCase augmentation = parse_augmentation_case(text);
    SafetensorsFile expected(fs::path(file).replace_extension(".safetensors"));
    auto f32 = run<float>(augmentation);
    auto f64 = run<double>(augmentation);
    CHECK(f32.size() == expected.tensors().size());
    for (const StoredTensor& tensor : expected.tensors()) {
      CAPTURE(tensor.name);
      std::vector<double> want = to_doubles(tensor);
      const Json& tolerance = text.at("tolerances").at(tensor.name);
      CHECK(share_used(f32.at(tensor.name), want, tolerance.at("atol"), tolerance.at("rtol")) <= 1);
      // Expected values are f64 results rounded to f32: 2^-24 of each; 1e-6 of the largest is the project's bound.
      double largest = 0;
      for (double x : want) largest = std::max(largest, std::fabs(x));
      CHECK(share_used(f64.at(tensor.name), want, 1e-6 * largest, 0) <= 1);
    }
  }
}

TEST_CASE("a case with an unknown operation, padding or transform is named") {
  Json good = Json::parse(std::ifstream(folder / "aug_zoom.json"));
  auto message = [](const Json& text) {
    try {
      parse_augmentation_case(text);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  Json text = good;
  text["operations"][0]["op"] = "zooom";
  CHECK(message(text) == "case aug_zoom: unknown operation 'zooom'");
  text = good;
  text["padding_mode"] = "wrap";
  CHECK(message(text) == "case aug_zoom: unknown padding_mode 'wrap'");
  text = good;
  text["apply"] = {{"size", 8}, {"resize_method", "melt"}};
  CHECK(message(text) == "case aug_zoom: unknown resize_method 'melt'");
  text = good;
  text.erase("inputs");
  CHECK(message(text).starts_with("case aug_zoom: "));
  CHECK(message(good) == "accepted");
}

}  // namespace
}  // namespace cuunet
