#include "tools/forward/forward.h"

#include "engine/device/host_context.h"
#include "kernels/device/error.h"
#include "layers/models/vgg.h"
#include "tests/weights/format/temporary_folder.h"
#include "tools/verify/named_values.h"
#include "tools/verify/network_case.h"
#include "tools/verify/unet/network.h"
#include "weights/format/torch_writer.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace cuunet {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kit = fs::path(CUUNET_SOURCE_DIR) / "tests/conformance/fastai_unet";

struct Fixture {
  HostContext context{{.threads = 2}};
  TemporaryFolder folder{"forward"};
  fs::path model = folder.path / "model.safetensors", in = folder.path / "in.safetensors",
           out = folder.path / "out.safetensors";

  void write_model(const DynamicUnetOptions& options, const json& definition = {{"salt", 0}}) {
    DynamicUnet network({context}, options);
    fill_network(network, definition);
    save_unet(network, 0, model);
  }
  void write_input(const std::string& name, const std::vector<int64_t>& shape, const std::vector<float>& values) const {
    write_safetensors(in, {stored_tensor(name, shape, values)});
  }
  ForwardReport run(ForwardOptions options = {}) {
    options.existing = Existing::replace;
    return forward(context, model, in, out, options);
  }
  std::vector<double> result(const std::string& name) const {
    SafetensorsFile file(out);
    return to_doubles(file.at(name));
  }
  std::string complaint(const ForwardOptions& options = {}) {
    try {
      run(options);
    } catch (const Error& error) {
      return error.what();
    }
    return "ran";
  }
};

TEST_CASE("forward: a file's network gives the conformance cases' outputs") {
  for (const char* name : {"eval_resnet18_1class", "eval_spectral_sa_72x88"}) {
    CAPTURE(name);
    Fixture f;
    json definition = json::parse(read_bytes(kit / fmt::format("{}.json", name)));
    f.write_model(unet_options(definition.at("model")), definition);
    auto shape = definition["inputs"]["input"]["shape"].get<std::vector<int64_t>>();
    int64_t count = shape[0] * shape[1] * shape[2] * shape[3];
    f.write_input("input", shape, uniform_values(fmt::format("{}/input", name), count));
    f.run();
    SafetensorsFile kept(kit / fmt::format("{}.safetensors", name));
    std::vector<double> expected = to_doubles(kept.at("output")), got = f.result("output");
    REQUIRE(got.size() == expected.size());
    double atol = definition["tolerances"]["output"]["atol"], rtol = definition["tolerances"]["output"]["rtol"];
    double worst = 0;  // share of the case's own tolerance
    for (size_t i = 0; i < got.size(); ++i) {
      worst = std::max(worst, std::abs(got[i] - expected[i]) / (atol + rtol * std::abs(expected[i])));
    }
    CHECK(worst <= 1);
  }
}

TEST_CASE("forward: gradients are those of the projection") {
  Fixture f;
  f.write_model({.encoder = "resnet18", .encoder_width = 8, .norm = NormType::spectral, .y_range = {{-3, 3}}});
  std::vector<float> x = uniform_values("x", 3 * 32 * 32);
  f.write_input("input", {1, 3, 32, 32}, x);
  const ForwardOptions options{
      .features = DType::f64, .gradients = {"input", "layers.3.0.0.weight_orig", "layers.1.bias"}, .seed = 7};
  f.run(options);
  std::vector<double> projection = f.result("projection/output"), gradient = f.result("grad/input");
  CHECK(f.result("grad/layers.3.0.0.weight_orig").size() == 2 * 64 * 64 * 9);
  CHECK(f.result("grad/layers.1.bias").size() == 64);
  auto projected = [&](size_t i, float step) {
    std::vector<float> moved = x;
    moved[i] += step;
    f.write_input("input", {1, 3, 32, 32}, moved);
    f.run({.features = DType::f64});
    std::vector<double> y = f.result("output");
    double sum = 0;
    for (size_t k = 0; k < y.size(); ++k) sum += y[k] * projection[k];
    return sum;
  };
  for (size_t i : {size_t{5}, size_t{1500}, size_t{3071}}) {
    CAPTURE(i);
    constexpr float step = 0x1p-16f;  // exact in f32 beside values below 1
    double difference = (projected(i, step) - projected(i, -step)) / (2.0 * step);
    // Central differences in double: step², and the rounding of sums of 3072 products over the step.
    CHECK(gradient[i] == doctest::Approx(difference).epsilon(1e-6));
  }
}

TEST_CASE("forward: a VGG without its classifier gives its taps, and their gradients add up") {
  Fixture f;
  {
    VGG vgg({f.context}, {.architecture = "vgg16"});
    fill_network(vgg, {{"salt", 0}});
    f.model = f.folder.path / "vgg.pth";
    write_torch(f.model, StoredState(vgg, "").tensors(), Existing::replace);
  }
  f.write_input("input", {1, 3, 32, 32}, uniform_values("x", 3 * 32 * 32));
  ForwardReport report = f.run({.gradients = {"features.0.bias"}});
  CHECK(report.tensors.size() == 7);
  CHECK(report.tensors[0] == std::pair<std::string, std::string>{"features.15", "[1, 256, 8, 8]"});
  // The bias of the first convolution moves each tap; together they move as the gradient says, up to their ReLUs.
  CHECK(f.result("grad/features.0.bias").size() == 64);
  double sum = 0;
  for (double value : f.result("grad/features.0.bias")) sum += std::abs(value);
  CHECK(sum > 0);
}

TEST_CASE("forward: what does not fit is one line that says what was expected") {
  Fixture f;
  f.write_model({.encoder = "resnet18", .encoder_width = 8});
  std::string in = f.in.string();
  f.write_input("inptu", {1, 3, 32, 32}, std::vector<float>(3072));
  CHECK(f.complaint() == in + ": holds no tensor 'input', the network's input; it holds inptu");
  f.write_input("input", {3, 32, 32}, std::vector<float>(3072));
  CHECK(f.complaint() == in + ": 'input' has the shape [3, 32, 32], expected [N, C, H, W]");
  f.write_input("input", {1, 1, 32, 96}, std::vector<float>(3072));
  CHECK(f.complaint().find("layers.0: conv2d expects 3 input channels (weight [8, 3, 7, 7]), got 1") == 0);
  write_safetensors(f.in, {stored_tensor("input", {1, 3, 1, 1}, std::vector<int64_t>(3))});
  CHECK(f.complaint() == in + ": 'input' is I64, expected floating-point numbers");
  f.write_input("input", {1, 3, 32, 32}, std::vector<float>(3072));
  CHECK(f.complaint({.gradients = {"layers.1.bais"}}) ==
        "--grad layers.1.bais: the network has no input or parameter of this name, did you mean 'layers.1.bias'? "
        "('--grad list' prints the 107)");
  CHECK(differentiable_names(outline_network(f.context, f.model)).size() == 107);
  CHECK(f.complaint() == "ran");
  CHECK_THROWS_WITH_AS(forward(f.context, f.model, f.in, f.out, {}), doctest::Contains("exists"), FileError);
}

}  // namespace
}  // namespace cuunet
