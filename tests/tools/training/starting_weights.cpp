#include "tools/training/starting_weights.h"

#include "engine/device/host_context.h"
#include "kernels/device/error.h"
#include "tools/training/colorization_task.h"
#include "weights/format/torch_writer.h"
#include "weights/mapping/unet_file.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <limits>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

struct Fixture {
  HostContext context{{.threads = 1}};
  fs::path folder = fs::temp_directory_path() / fmt::format("cuunet_starting_weights_{}", getpid());
  Recipe recipe;

  Fixture() {
    fs::create_directories(folder);
    recipe.model.encoder = "resnet18";
    recipe.loss.kind = "pixel";
  }
  ~Fixture() { fs::remove_all(folder); }

  // Tensors of one value each: names of a file are enough for what is looked at first.
  std::string names(const char* file, const std::vector<std::string>& names) {
    std::vector<float> value(1);
    std::vector<StoredTensor> tensors;
    for (const std::string& name : names) tensors.push_back(stored_tensor(name, {1}, value));
    write_safetensors(folder / file, tensors);
    return (folder / file).string();
  }
  std::string why_refused(const RunInputs& inputs) {
    try {
      build_network(context, recipe, inputs);
    } catch (const FileError& error) {
      return error.what();
    }
    return "accepted";
  }
};

TEST_CASE(
    "starting weights: a file that fits another network says what it holds, what fits, and which option takes it") {
  Fixture f;
  std::string ours = (f.folder / "ours.safetensors").string();
  {
    DynamicUnet network({f.context}, {.encoder = "resnet18", .norm = NormType::weight, .blur = true});
    network.initialise(1);
    save_unet(network, 64, ours);
  }
  std::string random = f.names("random.safetensors", {"a", "b"});
  std::string other = f.names("other.safetensors", {"conv1.weight", "layer4.0.conv1.weight", "layer3.2.conv1.weight"});
  std::string cut = f.names("cut.safetensors", {"conv1.weight", "layer4.0.conv1.weight"});
  CHECK(f.why_refused({.init = random}) ==
        random + ": --init takes a U-Net, found other weights; torchvision's networks go to --encoder");
  CHECK(f.why_refused({.encoder = ours}) ==
        ours + ": --encoder takes torchvision's weights, found a network saved by cuunet; --init takes it");
  CHECK(f.why_refused({.encoder = random}) == random + ": --encoder takes torchvision's resnet18, found other weights");
  CHECK(f.why_refused({.encoder = other}) ==
        other + ": holds torchvision's resnet34, the recipe's encoder is resnet18; --architecture resnet34 fits it");
  CHECK(f.why_refused({.encoder = cut}) ==
        cut +
            " does not fit the model: 98 missing: 1.weight, 1.bias, 1.running_mean, 1.running_var, …; 2 of another "
            "shape: 0.weight: expects [64, 3, 7, 7], got [1], 7.0.conv1.weight: expects [512, 256, 3, 3], got [1]");
  f.recipe.model.encoder = "resnet34";
  CHECK(f.why_refused({.init = ours}) ==
        ours +
            ": holds another network than the recipe's: encoder is \"resnet18\", expected \"resnet34\"; --set "
            "model.FIELD=VALUE fits the recipe to it");
  f.recipe.loss.kind = "feature";
  CHECK(f.why_refused({.vgg = ours}) == ours + ": --vgg takes torchvision's vgg16_bn, found a network saved by cuunet");
}

TEST_CASE("starting weights: a value that is not finite is named with its file and tensor") {
  Fixture f;
  fs::path path = f.folder / "nan.safetensors";
  {
    DynamicUnet network({f.context}, {.encoder = "resnet18", .norm = NormType::weight, .blur = true});
    network.initialise(1);
    for (StateEntry& entry : network.state()) {
      if (entry.name != "layers.0.5.0.bn2.weight") continue;
      std::vector<double> values = entry.value.to_host();
      values[7] = std::numeric_limits<double>::infinity();
      entry.value.assign(values);
    }
    save_unet(network, 64, path);
  }
  CHECK(
      f.why_refused({.init = path.string()}) ==
      path.string() +
          ": layers.0.5.0.bn2.weight holds a value that is not finite (inf); the weights are damaged, take an earlier "
          "file");
}

TEST_CASE("starting weights: PyTorch's files of any nesting, strictly or as far as they fit") {
  Fixture f;
  fs::path path = f.folder / "learner.pth";
  DynamicUnet network({f.context}, unet_options(f.recipe.model));
  network.initialise(7);
  StoredState state(network, "model.");
  write_torch(path, state.tensors());
  auto loaded = build_network(f.context, f.recipe, {.init = path.string()});
  std::vector<StateEntry> found = loaded.network->state(), expected = network.state();
  REQUIRE(found.size() == expected.size());
  for (size_t i = 0; i < found.size(); ++i) CHECK(found[i].value.to_host() == expected[i].value.to_host());

  std::vector<StoredTensor> some = state.tensors();
  std::string left = some.back().name.substr(6);
  some.pop_back();
  write_torch(path, some);
  CHECK(f.why_refused({.init = path.string()}) == path.string() + " does not fit the model: 1 missing: " + left);
  StartingNetwork start = build_network(f.context, f.recipe, {.init = path.string(), .partial = true});
  REQUIRE(start.notes.size() == 1);
  CHECK(start.notes[0] == path.string() + ": loaded what fits; 1 missing: " + left);
}

TEST_CASE("starting weights: DeOldify's generators, when the recipe is told of their decoder") {
  Fixture f;
  std::string path = (f.folder / "deep.pth").string();
  ModelRecipe deep{.encoder = "resnet18", .norm = "spectral", .self_attention = true, .decoder = "deep"};
  deep.y_range = {-3, 3}, deep.decoder_width = 0.5;
  DynamicUnet network({f.context}, unet_options(deep));
  network.initialise(7);
  write_torch(path, StoredState(network, "").tensors());
  CHECK(f.why_refused({.init = path}).find("decoder is \"deep\", expected \"fastai\", decoder_width is 0.5") !=
        std::string::npos);
  f.recipe.model = deep;
  auto loaded = build_network(f.context, f.recipe, {.init = path});
  CHECK(loaded.network->state().back().value.to_host() == network.state().back().value.to_host());
}

}  // namespace
}  // namespace cuunet
