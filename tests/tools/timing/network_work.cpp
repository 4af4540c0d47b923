#include "tools/timing/network_work.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "engine/device/host_context.h"
#include "weights/format/safetensors.h"

namespace cuunet {
namespace {

struct TemporaryFile {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("cuunet_network_work_" + std::to_string(getpid()) + ".safetensors");
  ~TemporaryFile() { std::filesystem::remove(path); }
};

size_t count_of(const SafetensorsFile& file, const std::string& prefix) {
  return static_cast<size_t>(std::count_if(file.tensors().begin(), file.tensors().end(),
                                           [&](const StoredTensor& t) { return t.name.starts_with(prefix); }));
}

bool all_finite(const StoredTensor& tensor) {
  std::vector<float> values = to_floats(tensor);
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

TEST_CASE("network work: inference writes the network, a picture and what becomes of it") {
  TemporaryFile file;
  HostContext context;
  make_inference(context, {.px = 32})->write(file.path);
  SafetensorsFile sample(file.path);
  CHECK(sample.at("output").shape == std::vector<int64_t>{1, 3, 32, 32});
  CHECK(sample.at("input").shape == std::vector<int64_t>{1, 3, 32, 32});
  CHECK(all_finite(sample.at("output")));
  CHECK(sample.find("network.layers.11.0.weight_g") != nullptr);
}

TEST_CASE("network work: training writes weights, pictures, the loss and every gradient") {
  TemporaryFile file;
  HostContext context;
  make_training(context, {.px = 32, .batch = 2})->write(file.path);
  SafetensorsFile sample(file.path);
  CHECK(to_floats(sample.at("loss"))[0] > 0);
  CHECK(all_finite(sample.at("gradient.layers.0.0.weight")));
  size_t statistics = 0;  // running mean and variance, num_batches_tracked: state without a gradient
  for (const StoredTensor& t : sample.tensors())
    statistics += t.name.starts_with("network.") &&
                  (t.name.find(".running_") != std::string::npos || t.name.find(".num_batches") != std::string::npos);
  CHECK(count_of(sample, "gradient.") == count_of(sample, "network.") - statistics);
  CHECK(sample.find("vgg.features.40.weight") != nullptr);
}

}  // namespace
}  // namespace cuunet
