#include "tools/colorizing/colorizer.h"

#include "engine/device/host_context.h"
#include "kernels/device/error.h"
#include "tools/report/luminance.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <limits>

using namespace cuunet;

namespace {

namespace fs = std::filesystem;

// A small network with random weights in a file of its own.
class ModelFile {
 public:
  explicit ModelFile(bool damaged = false)
      : path_(fs::temp_directory_path() / fmt::format("cuunet_test_colorizer_{}.safetensors", getpid())) {
    HostContext context;
    DynamicUnet network({context}, {.encoder = "resnet18", .norm = NormType::weight});
    network.initialise(5);
    if (damaged)
      network.state()[0].value.assign(std::vector<double>(3 * 64 * 49, std::numeric_limits<double>::quiet_NaN()));
    save_unet(network, 48, path_);
  }
  ~ModelFile() { fs::remove(path_); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Image gradient(int64_t width, int64_t height) {
  Image image(width, height);
  for (int64_t y = 0; y < height; ++y)
    for (int64_t x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c) image.pixel(y, x)[c] = static_cast<uint8_t>((40 + 3 * x + 2 * y + 20 * c) % 256);
  return image;
}

}  // namespace

TEST_CASE("colorizer: any size in, the same size and luminance out") {
  ModelFile model;
  HostContext context;
  Colorizer colorizer(context, model.path(), {});
  CHECK(colorizer.size() == 48);
  for (auto [width, height] : {std::pair{64, 48}, {33, 71}, {1, 1}, {200, 9}}) {
    Image picture = gradient(width, height), coloured = colorizer(picture);
    CHECK(coloured.width == width);
    CHECK(coloured.height == height);
    Image before = grey_of(picture), after = grey_of(coloured);
    for (size_t i = 0; i < before.rgb.size(); ++i) CHECK(std::abs(before.rgb[i] - after.rgb[i]) <= 1);
  }
}

TEST_CASE("colorizer: short memory is one line with what is needed and a size that fits") {
  ModelFile model;
  HostContext roomy({.threads = 1});
  Colorizer unlimited(roomy, model.path(), {.size = 64});
  HostOptions small{.threads = 1, .memory_limit = roomy.arena().reserved() + (size_t{128} << 20)};
  std::string message;
  try {
    HostContext context(small);
    Colorizer(context, model.path(), {.size = 1024})(gradient(1024, 1100));
  } catch (const Error& error) {
    message = error.what();
  }
  CAPTURE(message);
  CHECK(message.starts_with("1024 x 1100 pixels need up to "));
  size_t at = message.find("; take --size ");
  REQUIRE(at != std::string::npos);
  int64_t offered = std::stoll(message.substr(at + 14));
  CHECK(offered >= 32);
  CHECK(offered < 1024);
  HostContext context(small);
  CHECK_NOTHROW(Colorizer(context, model.path(), {.size = offered})(gradient(1024, 1100)));
}

TEST_CASE("colorizer: weights that are not finite are refused, never a grey picture") {
  ModelFile model(true);
  HostContext context;
  std::string expected = model.path().string() +
                         ": layers.0.0.weight holds a value that is not finite (nan); the weights are damaged, take an "
                         "earlier file";
  CHECK_THROWS_WITH_AS(Colorizer(context, model.path(), {}), expected.c_str(), FileError);
}

TEST_CASE("colorizer: finite weights that make feature maps overflow are refused, never a grey picture") {
  fs::path path = fs::temp_directory_path() / "cuunet_test_overflow.safetensors";
  HostContext context;
  DynamicUnet network({context}, {.encoder = "resnet18", .norm = NormType::weight});
  network.initialise(5);
  for (StateEntry& entry : network.state()) {
    if (entry.name != "layers.0.5.0.bn2.weight") continue;
    entry.value.assign(std::vector<double>(static_cast<size_t>(entry.value.elements()), 3e38));
  }
  save_unet(network, 48, path);
  for (DType features : {DType::f32, DType::bf16}) {
    CHECK_THROWS_WITH_AS(Colorizer(context, path, {.features = features}),
                         doctest::Contains("is not finite for a simple picture; the weights are damaged or too large"),
                         FileError);
  }
  fs::remove(path);
}

TEST_CASE("colorizer: a file that is no network of ours says so") {
  HostContext context;
  fs::path path = fs::temp_directory_path() / "cuunet_test_no_network.safetensors";
  std::vector<float> values{1, 2};
  write_safetensors(path, {stored_tensor("a", {2}, values)});
  std::string expected =
      path.string() + ": holds no known network, expected a U-Net; `cuunet inspect` lists what is in it";
  CHECK_THROWS_WITH_AS(Colorizer(context, path, {}), expected.c_str(), FileError);
  fs::remove(path);
}
