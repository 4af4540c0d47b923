#include "weights/mapping/recognition.h"

#include "engine/device/host_context.h"
#include "layers/module/state_dict.h"
#include "tests/weights/format/temporary_folder.h"
#include "weights/format/torch_writer.h"
#include "weights/mapping/file_state.h"
#include "weights/mapping/unet_file.h"

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

// A published network's names and shapes behind a prefix.
TensorShapes published(const std::string& name, const std::string& prefix, const std::string& family = "fastai_unet") {
  std::ifstream file(CUUNET_SOURCE_DIR "/tests/conformance/" + family + "/manifest_" + name + ".json");
  TensorShapes shapes;
  nlohmann::json manifest = nlohmann::json::parse(file);
  for (const auto& entry : manifest.at(manifest.contains("state_dict") ? "state_dict" : "entries")) {
    shapes[prefix + entry.at("key").get<std::string>()] = entry.at("shape").get<std::vector<int64_t>>();
  }
  return shapes;
}

// Every tensor of the network that was recognised, and no other.
void check_exact(const RecognisedNetwork& network, const TensorShapes& shapes) {
  HostContext context({.threads = 1});
  std::unique_ptr<Module> module = build_recognised(outline(context), network);
  TensorShapes built;
  for (const auto& [name, shape] : shapes_of(*module)) built[network.prefix + name] = shape;
  CHECK(built == shapes);
}

TEST_CASE("recognition: every published network by its names and shapes, behind any prefix") {
  struct Row {
    const char* manifest;
    const char* prefix;
    const char* description;
  };
  const Row rows[] = {
      {"torchvision_resnet18", "", "resnet18"},
      {"torchvision_resnet34", "module.", "resnet34"},
      {"torchvision_resnet50", "state_dict.module.", "resnet50"},
      {"torchvision_resnet101", "", "resnet101"},
      {"unet_resnet18_weight_1class", "", "dynamic_unet: encoder resnet18, 3 in, 1 out, norm weight"},
      {"unet_resnet34_batch", "model.", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm batch"},
      {"unet_resnet34_batch_sa", "", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm batch, self-attention"},
      {"unet_resnet34_none", "", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm none"},
      {"unet_resnet34_none_sa", "", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm none, self-attention"},
      {"unet_resnet34_omitted", "", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm omitted"},
      {"unet_resnet34_omitted_sa", "", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm omitted, self-attention"},
      {"unet_resnet34_spectral", "", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm spectral"},
      {"unet_resnet34_spectral_sa", "", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm spectral, self-attention"},
      {"unet_resnet34_weight", "", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm weight"},
      {"unet_resnet34_weight_odd", "",
       "dynamic_unet: encoder resnet34, 3 in, 3 out, norm weight, built for an odd size that does not show"},
      {"unet_resnet34_weight_sa", "model.", "dynamic_unet: encoder resnet34, 3 in, 3 out, norm weight, self-attention"},
      {"torchvision_vgg16", "", "vgg16"},
      {"torchvision_vgg16_bn", "module.", "vgg16_bn"},
      {"torchvision_vgg19", "", "vgg19"},
  };
  for (const Row& row : rows) {
    INFO(row.manifest);
    TensorShapes shapes = published(row.manifest, row.prefix);
    auto network = recognise(shapes);
    REQUIRE(network.has_value());
    CHECK(description_of(*network) == row.description);
    CHECK(network->prefix == row.prefix);
    check_exact(*network, shapes);
  }
}

TEST_CASE("recognition: DeOldify's generators") {
  auto described = [](const char* name) {
    auto network = recognise(published(name, "model.", "deoldify"));
    REQUIRE(network.has_value());
    return description_of(*network);
  };
  CHECK(described("deep") ==
        "dynamic_unet: encoder resnet34, 3 in, 3 out, norm spectral, DeOldify's deep decoder, width 1.5, "
        "self-attention");
  CHECK(described("wide") ==
        "dynamic_unet: encoder resnet101, 3 in, 3 out, norm spectral, DeOldify's wide decoder, width 2, "
        "self-attention");
  TensorShapes small = published("deep_small", "", "deoldify");
  check_exact(*recognise(small), small);
}

TEST_CASE("recognition: DeOldify's critic and NectarGAN's networks") {
  struct Row {
    const char* manifest;
    const char* family;
    const char* description;
  };
  const Row rows[] = {
      {"critic", "deoldify", "deoldify_critic: 3 channels, width 256, 3 blocks"},
      {"critic_small", "deoldify", "deoldify_critic: 3 channels, width 32, 3 blocks"},
      {"unet_default", "nectargan",
       "unet_generator: NectarGAN's, 3 channels, 64 features, 6 downs, plain blocks, transposed upsampling"},
      {"unet_bilinear", "nectargan",
       "unet_generator: NectarGAN's, 3 channels, 64 features, 6 downs, plain blocks, bilinear upsampling"},
      {"unet_in1", "nectargan",
       "unet_generator: NectarGAN's, 1 channels, 64 features, 6 downs, plain blocks, transposed upsampling"},
      {"unet_n5", "nectargan",
       "unet_generator: NectarGAN's, 3 channels, 64 features, 5 downs, plain blocks, transposed upsampling"},
      {"unet_n7", "nectargan",
       "unet_generator: NectarGAN's, 3 channels, 64 features, 7 downs, plain blocks, transposed upsampling"},
      {"unet_residual", "nectargan",
       "unet_generator: NectarGAN's, 3 channels, 64 features, 6 downs, residual blocks, transposed upsampling"},
      {"unet_residual_bilinear", "nectargan",
       "unet_generator: NectarGAN's, 3 channels, 64 features, 6 downs, residual blocks, bilinear upsampling"},
      {"unet_residual_in1", "nectargan",
       "unet_generator: NectarGAN's, 1 channels, 64 features, 6 downs, residual blocks, transposed upsampling"},
      {"unet_residual_n5", "nectargan",
       "unet_generator: NectarGAN's, 3 channels, 64 features, 5 downs, residual blocks, transposed upsampling"},
      {"unet_residual_n7", "nectargan",
       "unet_generator: NectarGAN's, 3 channels, 64 features, 7 downs, residual blocks, transposed upsampling"},
      {"patchgan_default", "nectargan",
       "patch_gan: NectarGAN's, pairs of 3 channels, 64 base channels, 3 layers, at most 512 channels"},
      {"patchgan_in1", "nectargan",
       "patch_gan: NectarGAN's, pairs of 1 channels, 64 base channels, 3 layers, at most 512 channels"},
      {"patchgan_n2", "nectargan",
       "patch_gan: NectarGAN's, pairs of 3 channels, 64 base channels, 2 layers, at most 512 channels"},
      {"patchgan_n4", "nectargan",
       "patch_gan: NectarGAN's, pairs of 3 channels, 64 base channels, 4 layers, at most 512 channels"},
  };
  for (const Row& row : rows) {
    INFO(row.manifest);
    TensorShapes shapes = published(row.manifest, "state_dict.", row.family);
    auto network = recognise(shapes);
    REQUIRE(network.has_value());
    CHECK(description_of(*network) == row.description);
    CHECK(network->prefix == "state_dict.");
    check_exact(*network, shapes);
  }
}

std::vector<RecognisedNetwork> small_networks() {
  std::vector<RecognisedNetwork> all;
  for (NormType norm : {NormType::none, NormType::weight, NormType::batch, NormType::omitted, NormType::spectral}) {
    bool attention = norm == NormType::weight || norm == NormType::omitted;
    all.push_back({.model = "dynamic_unet",
                   .unet = {.encoder = "resnet18", .encoder_width = 8, .norm = norm, .self_attention = attention}});
  }
  for (Decoder decoder : {Decoder::deep, Decoder::wide}) {
    DynamicUnetOptions options = deoldify_options(decoder, "resnet18", 0.5);
    options.encoder_width = 8;
    all.push_back({.model = "dynamic_unet", .unet = options});
  }
  for (bool residual : {false, true}) {
    for (bool bilinear : {false, true}) {
      UnetGeneratorOptions options{
          .input_size = 32, .in_channels = 2, .features = 4, .downs = 3, .residual = residual, .bilinear = bilinear};
      all.push_back({.model = "unet_generator", .generator = options});
    }
  }
  for (int layers : {1, 2, 5}) {
    all.push_back(
        {.model = "patch_gan",
         .patch_gan = {
             .in_channels = 2, .base_channels = 4, .layers = layers, .max_channels = layers == 5 ? 16 : 512}});
  }
  for (int blocks : {1, 2}) {
    all.push_back({.model = "deoldify_critic", .critic = {.channels = 2, .width = 8, .blocks = blocks}});
  }
  all.push_back({.model = "resnet18", .classes = 10});
  all.push_back({.model = "vgg16_bn", .classifier = false});
  return all;
}

TEST_CASE("recognition: drawn weights of every model and option, in a file, come back as they were") {
  TemporaryFolder folder("recognition");
  HostContext context({.threads = 2});
  fs::path path = folder.path / "weights.pth";
  for (const RecognisedNetwork& network : small_networks()) {
    INFO(description_of(network));
    std::unique_ptr<Module> drawn = build_recognised({context}, network);
    drawn->initialise(7);
    write_torch(path, StoredState(*drawn, "model.").tensors());
    WeightsFile file(path);
    auto found = recognise(shapes_of(file));
    REQUIRE(found.has_value());
    CHECK(description_of(*found) == description_of(network));
    CHECK(found->prefix == "model.");
    std::unique_ptr<Module> loaded = build_recognised(outline(context), *found);
    CHECK(load_state(*loaded, FileState(file, found->prefix)).empty());
    auto expected = drawn->state(), got = loaded->state();
    REQUIRE(got.size() == expected.size());
    for (size_t i = 0; i < got.size(); ++i) {
      CAPTURE(got[i].name);
      CHECK(got[i].name == expected[i].name);
      CHECK(got[i].value.to_host() == expected[i].value.to_host());
    }
  }
}

TEST_CASE("recognition: a network without one of its tensors, and the nearest of one without those that tell it") {
  for (const RecognisedNetwork& network : small_networks()) {
    if (network.model == "patch_gan" && network.patch_gan.layers == 1) continue;  // two tensors, it takes both
    HostContext context({.threads = 1});
    std::unique_ptr<Module> module = build_recognised(outline(context), network);
    TensorShapes shapes = shapes_of(*module);
    TensorShapes part = shapes;
    part.erase(std::prev(part.end()));
    INFO(description_of(network));
    auto found = recognise(part);
    REQUIRE(found.has_value());
    CHECK(found->model == network.model);
  }
  auto nearest = [](const char* manifest, const char* family, const char* without) {
    TensorShapes shapes = published(manifest, "a.b.", family);
    std::erase_if(shapes, [&](const auto& entry) { return entry.first.find(without) != std::string::npos; });
    CHECK_FALSE(recognise(shapes).has_value());
    auto found = nearest_network(shapes);
    return found ? found->prefix + description_of(*found) : "nothing";
  };
  CHECK(nearest("torchvision_resnet50", "fastai_unet", "b.conv1.") == "a.b.resnet50");
  CHECK(nearest("torchvision_vgg16_bn", "fastai_unet", "features.0.") == "a.b.vgg16_bn");
  CHECK(nearest("unet_resnet34_weight_sa", "fastai_unet", "layers.0.0.") ==
        "a.b.dynamic_unet: encoder resnet34, 3 in, 3 out, norm weight");
  CHECK(nearest("unet_residual", "nectargan", "initial_down.conv.") ==
        "a.b.unet_generator: NectarGAN's, 3 channels, 64 features, 6 downs, residual blocks, transposed upsampling");
  CHECK(nearest("critic", "deoldify", "b.0.0.") == "a.b.deoldify_critic: 3 channels, width 256, 3 blocks");
  CHECK(nearest("unet_resnet34_none", "fastai_unet", ".") == "nothing");
}

TEST_CASE("recognition: options beyond the published ones, and nothing where nothing is") {
  HostContext context({.threads = 1});
  for (DynamicUnetOptions options :
       {DynamicUnetOptions{.encoder = "resnet18", .encoder_width = 16, .last_cross = false},
        DynamicUnetOptions{.encoder = "resnet18", .encoder_width = 8, .bottleneck = true},
        DynamicUnetOptions{.encoder = "resnet18", .encoder_width = 8, .in_channels = 1}}) {
    DynamicUnet network({context}, options);
    TensorShapes shapes = shapes_of(network);
    auto found = recognise(shapes);
    REQUIRE(found.has_value());
    check_exact(*found, shapes);
  }
  CHECK_FALSE(recognise({}).has_value());
  CHECK_FALSE(recognise({{"a.weight", {1}}, {"layers.0.0.weight", {64, 3, 7, 7}}}).has_value());
}

TEST_CASE("recognition: shapes of a damaged file ask for no network") {
  TensorShapes shapes = published("unet_resnet34_none", "");
  for (std::vector<int64_t> stem :
       {std::vector<int64_t>{1 << 30, 3, 7, 7}, {512, 3, 7, 7}, {64, 0, 7, 7}, {64, 3}, {}}) {
    shapes["layers.0.0.weight"] = stem;
    CHECK_FALSE(recognise(shapes).has_value());
  }
  shapes = published("unet_default", "", "nectargan");
  for (int64_t features : {int64_t{0}, int64_t{1} << 40, int64_t{512}}) {
    shapes["initial_down.conv.0.weight"] = {features, 3, 4, 4};
    CHECK_FALSE(recognise(shapes).has_value());
  }
  shapes = published("patchgan_default", "", "nectargan");
  shapes["model.0.weight"] = {int64_t{1} << 40, 6, 4, 4};
  CHECK_FALSE(recognise(shapes).has_value());
  shapes = published("critic", "", "deoldify");
  shapes["0.0.weight_orig"] = {int64_t{1} << 40, 3, 4, 4};
  CHECK_FALSE(recognise(shapes).has_value());
}

}  // namespace
}  // namespace cuunet
