#include "tools/inspection/inspection.h"

#include "engine/device/host_context.h"
#include "tests/weights/format/temporary_folder.h"
#include "weights/format/torch_writer.h"
#include "weights/mapping/recognition.h"
#include "weights/mapping/unet_file.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

const fs::path kit = fs::path(CUUNET_SOURCE_DIR) / "tests/conformance/checkpoints";

TEST_CASE("inspect: tensors, totals and other values of a trainer's file") {
  auto found = inspect(kit / "misc_python.pt");
  CHECK(found.at("format") == "PyTorch, zip");
  CHECK(found.at("total").dump() == R"({"tensors":2,"numbers":7,"bytes":28})");
  CHECK(found.at("tensors").at(1).dump() == R"({"name":"nested.deep.0.tensor","dtype":"F32","shape":[3]})");
  CHECK(found.at("values").at("big") == "1180591620717411303424");
  CHECK(found.at("values").at("dtype") == "torch.float16");
  CHECK(found.at("values").at("('a', 1)") == "tuple key");
  CHECK(found.at("skipped").dump() == R"(["bytes: bytes","device: device","complex: complex"])");
  CHECK(found.at("network").is_null());
  std::string text = inspection_text(found);
  CHECK(text.find("2 tensors, 7 numbers, 0.0 MB\n  tensor                F32   [2,2]\n") != std::string::npos);
  CHECK(text.find("  text: café 中文 😀\n") != std::string::npos);
  CHECK(text.ends_with("network: none that is known\n"));
}

TEST_CASE("inspect: a network with the tensors that are missing, unexpected or of another shape, all of them") {
  TemporaryFolder folder("inspection");
  HostContext context({.threads = 1});
  DynamicUnet network({context}, {.encoder = "resnet18", .encoder_width = 8, .norm = NormType::weight});
  StoredState state(network, "state_dict.module.");
  fs::path path = folder.path / "unet.pth";
  write_torch(path, state.tensors());
  auto whole = inspect(path);
  CHECK(whole.at("network").at("fits") == true);
  CHECK(whole.at("network").at("prefix") == "state_dict.module.");
  CHECK(inspection_text(whole).ends_with(
      "network: dynamic_unet: encoder resnet18, 3 in, 3 out, norm weight, width 8, under \"state_dict.module.\"\n"
      "  every tensor fits\n"));

  std::vector<StoredTensor> tensors;
  std::vector<float> value(1);
  for (StoredTensor tensor : state.tensors()) {
    if (tensor.name.find(".5.conv1.") != std::string::npos) continue;
    if (tensor.name.ends_with("layers.1.bias")) tensor = stored_tensor(tensor.name, {1}, value);
    tensors.push_back(tensor);
  }
  tensors.push_back(stored_tensor("state_dict.module.extra", {1}, value));
  write_torch(path, tensors);
  auto broken = inspect(path).at("network");
  CHECK(broken.at("fits") == false);
  CHECK(broken.at("missing").dump() ==
        R"(["layers.5.conv1.0.bias","layers.5.conv1.0.weight_g","layers.5.conv1.0.weight_v"])");
  CHECK(broken.at("unexpected").dump() == R"(["extra"])");
  CHECK(broken.at("misshapen").dump() == R"(["layers.1.bias: expects [64], got [1]"])");
}

TEST_CASE("inspect: the nearest of the known networks where a file is none of them") {
  TemporaryFolder folder("inspection");
  HostContext context({.threads = 1});
  RecognisedNetwork generator{.model = "patch_gan"};
  std::unique_ptr<Module> network = build_recognised({context}, generator);
  StoredState state(*network, "");
  std::vector<StoredTensor> tensors;
  for (const StoredTensor& tensor : state.tensors()) {
    if (tensor.name != "model.0.weight") tensors.push_back(tensor);
  }
  fs::path path = folder.path / "critic.safetensors";
  write_safetensors(path, tensors);
  auto found = inspect(path).at("network");
  CHECK(found.at("recognised") == false);
  CHECK(found.at("missing").dump() == R"(["model.0.weight"])");
  CHECK(inspection_text(inspect(path))
            .ends_with("network: none that is known; nearest is patch_gan: NectarGAN's, pairs of 3 channels, 64 base "
                       "channels, 3 "
                       "layers, at most 512 channels\n  1 missing:\n    model.0.weight\n"));
}

TEST_CASE("inspect: what cuunet saved says itself what it is") {
  TemporaryFolder folder("inspection");
  HostContext context({.threads = 1});
  DynamicUnet network({context}, {.encoder = "resnet18", .encoder_width = 8, .y_range = {{-3.0, 3.0}}});
  save_unet(network, 64, folder.path / "ours.safetensors");
  auto found = inspect(folder.path / "ours.safetensors");
  CHECK(found.at("format") == "safetensors");
  CHECK(found.at("metadata").contains("cuunet.model"));
  CHECK(found.at("network").at("fits") == true);
  CHECK(found.at("network").at("prefix") == "model.");
}

}  // namespace
}  // namespace cuunet
