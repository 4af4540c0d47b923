#include "tools/conversion/conversion.h"

#include "engine/device/host_context.h"
#include "kernels/device/error.h"
#include "tests/weights/format/temporary_folder.h"
#include "weights/format/weights_file.h"
#include "weights/mapping/unet_file.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

const fs::path kit = fs::path(CUUNET_SOURCE_DIR) / "tests/conformance/checkpoints";

// A small network of ours in a file.
struct Fixture {
  HostContext context{{.threads = 1}};
  TemporaryFolder folder{"conversion"};
  fs::path ours = folder.path / "ours.safetensors";

  explicit Fixture(NormType norm = NormType::weight) {
    DynamicUnet network({context}, {.encoder = "resnet18", .encoder_width = 8, .norm = norm});
    network.initialise(1);
    save_unet(network, 64, ours);
  }
  fs::path at(const char* name) const { return folder.path / name; }
  std::vector<double> output(const fs::path& model) {
    LoadedUnet loaded = load_unet({context}, model);
    std::vector<float> x(3 * 32 * 32);
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 17) / 8 - 1;
    NoGrad no_grad;
    return (*loaded.network)(Var(Tensor::from_host(context, {1, 3, 32, 32}, DType::f32, x))).value().to_host();
  }
};

std::string why_refused(const fs::path& in, const fs::path& out, const ConversionOptions& options = {}) {
  try {
    convert(in, out, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "converted";
}

TEST_CASE("convert: a network of ours goes to PyTorch and back, to the same output bits") {
  Fixture f;
  convert(f.ours, f.at("all.pth"), {});
  convert(f.at("all.pth"), f.at("back.safetensors"), {});
  std::vector<double> expected = f.output(f.ours);
  CHECK(f.output(f.at("all.pth")) == expected);
  CHECK(f.output(f.at("back.safetensors")) == expected);
  ConversionReport report = convert(f.ours, f.at("model.pth"), {.model = true});
  CHECK(report.left_out == std::vector<std::string>{"metadata cuunet.model"});
  CHECK(WeightsFile(f.at("model.pth")).find("layers.0.0.weight") != nullptr);
  CHECK(f.output(f.at("model.pth")) == expected);
}

TEST_CASE("convert: what a learner's file holds beside the model is left out when asked to, else kept") {
  Fixture f;
  fs::path learner = kit / "fastai_v1_save.pth";
  convert(learner, f.at("same.pth"), {});
  WeightsFile before(learner), same(f.at("same.pth"));
  CHECK(same.tensors().size() == before.tensors().size());
  CHECK(same.torch()->leaves().size() == before.torch()->leaves().size());
  ConversionReport report = convert(learner, f.at("model.safetensors"), {.only = "model."});
  CHECK(report.tensors > 0);
  CHECK(report.left_out.size() == 2);
  WeightsFile model(f.at("model.safetensors"));
  for (const StoredTensor& tensor : model.tensors()) {
    CHECK(before.find("model." + tensor.name) != nullptr);
  }
}

TEST_CASE("convert: folded norms give the same pictures, and the description says so") {
  for (NormType norm : {NormType::weight, NormType::spectral}) {
    Fixture f(norm);
    convert(f.ours, f.at("folded.safetensors"), {.fold = true});
    LoadedUnet loaded = load_unet({f.context}, f.at("folded.safetensors"));
    CHECK(loaded.description.options.norm == NormType::none);
    CHECK(loaded.notes.empty());
    std::vector<double> with = f.output(f.ours), without = f.output(f.at("folded.safetensors"));
    double largest = 0, difference = 0;
    for (size_t i = 0; i < with.size(); ++i) {
      largest = std::max(largest, std::abs(with[i]));
      difference = std::max(difference, std::abs(with[i] - without[i]));
    }
    CHECK(difference <= 1e-5 * largest);  // weights rounded once more, through twenty layers in f32
  }
  Fixture batch(NormType::omitted);
  CHECK(convert(batch.ours, batch.at("f.safetensors"), {.fold = true}).left_out ==
        std::vector<std::string>{"metadata cuunet.model"});
}

TEST_CASE("convert: element types") {
  Fixture f;
  ConversionReport full = convert(f.ours, f.at("f32.pth"), {});
  ConversionReport half = convert(f.ours, f.at("bf16.pth"), {.type = StoredType::bf16});
  CHECK(half.tensors == full.tensors);
  CHECK(half.bytes < full.bytes * 0.51);
  CHECK(WeightsFile(f.at("bf16.pth")).find("model.layers.1.running_mean")->type == StoredType::bf16);
  CHECK(WeightsFile(f.at("bf16.pth")).find("model.layers.1.num_batches_tracked")->type == StoredType::i64);
}

TEST_CASE("convert: what cannot be done is said before anything is written") {
  Fixture f;
  fs::path other = kit / "state_dict_zip.pt", out = f.at("out.pth");
  CHECK(why_refused(other, f.at("out.tflite")).find("the ending says the format") != std::string::npos);
  CHECK(why_refused(other, out, {.model = true}).find("holds no network that is known") != std::string::npos);
  CHECK(why_refused(other, out, {.only = "nothing."}).find("holds no tensor 'nothing.…'") != std::string::npos);
  CHECK(why_refused(kit / "hostile/exec_reduce.pt", out).find("posix.system") != std::string::npos);
  CHECK_FALSE(fs::exists(out));
  CHECK(why_refused(other, out) == "converted");
  std::string before = read_bytes(out);
  CHECK(why_refused(f.ours, out) != "converted");
  CHECK(read_bytes(out) == before);
}

}  // namespace
}  // namespace cuunet
