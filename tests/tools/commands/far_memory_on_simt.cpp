// What the commands beside train and colorize do with a network, where host code cannot reach the device's memory, to
// the same bits as where it can. Host code that touches it ends this program.
#include "engine/device/host_context.h"
#include "layers/models/dynamic_unet.h"
#include "tests/engine/device/far_context.h"
#include "tests/weights/format/temporary_folder.h"
#include "tools/data/open_source.h"
#include "tools/demo/examination.h"
#include "tools/forward/forward.h"
#include "weights/export/onnx_file.h"
#include "weights/mapping/unet_file.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

// A quarter of the published widths, with state of its own in its norms and an attention.
void write_network(const fs::path& file) {
  HostContext context({.threads = 1});
  DynamicUnet network(
      {context},
      {.encoder = "resnet18", .encoder_width = 16, .norm = NormType::spectral, .blur = true, .self_attention = true});
  network.initialise(1);
  save_unet(network, 32, file);
}

void write_input(const fs::path& file) {
  std::vector<float> x(3 * 32 * 32);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 61) / 61.0f - 0.5f;
  write_safetensors(file, {stored_tensor("input", {1, 3, 32, 32}, x)});
}

struct Outcome {
  std::string forward, onnx, scores;
};

Outcome outcome_on(Context& context, const fs::path& folder) {
  fs::path model = folder / "model.safetensors", in = folder / "in.safetensors", out = folder / "out";
  Outcome outcome;
  forward(context, model, in, out, {.gradients = {"input", "layers.1.bias"}, .existing = Existing::replace});
  outcome.forward = read_bytes(out);
  LoadedNetwork network = load_network({context}, model);
  write_onnx(network, out, Existing::replace);
  outcome.onnx = read_bytes(out);
  Colorizer colorizer(context, model, {.size = 32});
  Examination examination = examine(colorizer, *open_source("scenes:1:3"), *open_source("scenes:2:2"),
                                    {.size = 32, .fitted_on = 3, .judged = 2, .shown = 1});
  outcome.scores = examination.json().dump();
  return outcome;
}

TEST_CASE("far memory: forward, convert to ONNX and examine give the bits of shared memory") {
  TemporaryFolder folder("far_commands");
  write_network(folder.path / "model.safetensors");
  write_input(folder.path / "in.safetensors");
  HostContext shared({.device = Device::simt, .threads = 1});
  Outcome expected = outcome_on(shared, folder.path);
  FarContext far;
  Outcome got = outcome_on(far, folder.path);
  CHECK(got.forward == expected.forward);
  CHECK(got.onnx == expected.onnx);
  CHECK(got.scores == expected.scores);
  CHECK(expected.forward.size() > 4 * 3 * 32 * 32);
}

}  // namespace
}  // namespace cuunet
