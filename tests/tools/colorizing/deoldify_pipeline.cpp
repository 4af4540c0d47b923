#include "tools/colorizing/deoldify_pipeline.h"

#include "engine/device/host_context.h"
#include "kernels/device/error.h"
#include "tests/weights/format/temporary_folder.h"
#include "tools/colorizing/colorizer.h"
#include "tools/verify/network_case.h"
#include "weights/mapping/unet_file.h"

#include <doctest/doctest.h>

#include <cstdlib>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

// As DeOldify publishes it: tensors and nothing that says what they are.
void save_nameless(Module& network, const fs::path& path) {
  write_safetensors(path, StoredState(network, "").tensors());
}

void save_small(const fs::path& path) {
  HostContext context({.threads = 1});
  DynamicUnet network({context}, deoldify_options(Decoder::deep, "resnet18", 0.5));
  network.initialise(5);
  save_nameless(network, path);
}

Image gradient(int64_t width, int64_t height) {
  Image image(width, height);
  for (size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = static_cast<uint8_t>(i * 7 % 251);
  return image;
}

}  // namespace

TEST_CASE("deoldify: a file of the artistic generator colours the case's photograph as the original, to one level") {
  TemporaryFolder folder("artistic");
  Case one = read_cases(fs::path(CUUNET_SOURCE_DIR) / "tests/conformance/deoldify/pipeline_50x70.json").at(0);
  HostContext context;
  {
    DynamicUnet network({context}, deoldify_options("artistic"));
    fill_network(network, one.json());
    save_nameless(network, folder.path / "artistic.safetensors");
  }
  Colorizer colorizer(context, folder.path / "artistic.safetensors", {.render_factor = 4});
  CHECK(colorizer.notes().empty());
  Image photograph(70, 50);
  std::vector<float> values = one.input_values("image");
  photograph.rgb.assign(values.begin(), values.end());
  std::vector<double> expected = one.expected("result").value();
  Image result = colorizer(photograph);
  REQUIRE(result.rgb.size() == expected.size());
  double worst = 0;
  for (size_t i = 0; i < expected.size(); ++i) worst = std::max(worst, std::abs(result.rgb[i] - expected[i]));
  CHECK(worst <= 1);
}

TEST_CASE("deoldify: photographs of any size, and the network's own picture with raw") {
  TemporaryFolder folder("deoldify");
  save_small(folder.path / "small.safetensors");
  HostContext context;
  Colorizer merged(context, folder.path / "small.safetensors", {.render_factor = 3});
  Colorizer raw(context, folder.path / "small.safetensors", {.render_factor = 3, .raw = true});
  CHECK(merged.size() == 48);
  for (auto [width, height] : {std::pair{64, 48}, {33, 71}, {1, 1}, {200, 9}}) {
    Image picture = gradient(width, height), result = merged(picture), colour = raw(picture);
    CHECK(result.width == width);
    CHECK(result.height == height);
    CHECK(result.rgb == deoldify_merge(picture, colour).rgb);
  }
}

TEST_CASE("deoldify: sizes are given as render factors, and only of DeOldify's models") {
  TemporaryFolder folder("deoldify");
  fs::path theirs = folder.path / "small.safetensors", ours = folder.path / "ours.safetensors";
  save_small(theirs);
  HostContext context;
  DynamicUnet network({context}, {.encoder = "resnet18"});
  network.initialise(5);
  save_unet(network, 48, ours);
  std::string expected = theirs.string() + ": is DeOldify's; its size is --render-factor N: 16 N pixels";
  CHECK_THROWS_WITH_AS(Colorizer(context, theirs, {.size = 64}), expected.c_str(), UsageError);
  expected = ours.string() + ": is not one of DeOldify's generators; its size is --size N, pixels of the short side";
  CHECK_THROWS_WITH_AS(Colorizer(context, ours, {.render_factor = 4}), expected.c_str(), UsageError);
  CHECK(Colorizer(context, theirs, {}).size() == 560);
}

TEST_CASE("deoldify: short memory is one line with a render factor that fits, never the grey square") {
  TemporaryFolder folder("deoldify");
  fs::path model = folder.path / "small.safetensors";
  save_small(model);
  HostContext roomy({.threads = 1});
  Colorizer unlimited(roomy, model, {.render_factor = 4});
  HostOptions small{.threads = 1, .memory_limit = roomy.arena().reserved() + (size_t{128} << 20)};
  std::string message;
  try {
    HostContext context(small);
    Colorizer(context, model, {.render_factor = 64})(gradient(40, 30));
  } catch (const Error& error) {
    message = error.what();
  }
  CAPTURE(message);
  CHECK(message.starts_with("1024 x 1024 pixels need up to "));
  size_t at = message.find("; take --render-factor ");
  REQUIRE(at != std::string::npos);
  int64_t offered = std::stoll(message.substr(at + 23));
  CHECK(offered >= 2);
  CHECK(offered < 64);
  HostContext context(small);
  CHECK_NOTHROW(Colorizer(context, model, {.render_factor = offered})(gradient(40, 30)));
}

}  // namespace cuunet
