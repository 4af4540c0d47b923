// The generator and the discriminator: state dicts, and forward and backward in eval mode.
#include "kernels/device/error.h"
#include "layers/losses/perceptual_loss.h"
#include "layers/models/patch_gan.h"
#include "layers/models/unet_generator.h"
#include "tools/verify/nectargan/nectargan.h"
#include "tools/verify/network_results.h"

namespace cuunet {
namespace {

using Json = nlohmann::json;

UnetGeneratorOptions generator_options(const Json& config) {
  return {.input_size = config.at("input_size"),
          .in_channels = config.at("in_channels"),
          .features = config.at("features"),
          .downs = config.at("n_downs"),
          .dropout_layers = config.at("use_dropout_layers"),
          .residual = config.at("block_type") == "ResidualUnetBlock",
          .bilinear = config.at("upsample_type") == "Bilinear"};
}

PatchGANOptions patch_options(const Json& config) {
  return {.in_channels = config.at("in_channels"),
          .base_channels = config.at("base_channels"),
          .layers = config.at("n_layers"),
          .max_channels = config.at("max_channels")};
}

std::unique_ptr<Module> network_of(const Placement& placement, const Json& model) {
  std::string name = model.at("class");
  if (name == "UnetGenerator") return std::make_unique<UnetGenerator>(placement, generator_options(model));
  if (name == "Discriminator") return std::make_unique<PatchGAN>(placement, patch_options(model));
  if (name == "VGGPerceptual") return std::make_unique<VGG19Slices>(placement);
  throw Error("no network is called '{}'", name);
}

std::map<std::string, Var> leaves_of(NetworkCase& run) {
  std::map<std::string, Var> inputs;
  for (const auto& [name, description] : run.at("inputs").items()) {
    if (name != "cotangent") inputs.emplace(name, Var::leaf(run.input(name)));
  }
  return inputs;
}

template <class Forward>
void run_network(NetworkCase& run, Module& network, const Forward& forward) {
  fill_network(network, run.definition.json());
  network.set_training(run.at("mode") == "train");
  std::map<std::string, Var> inputs = leaves_of(run);
  Tape tape;
  Var output;
  {
    Recording recording(tape);
    output = forward(inputs);
  }
  tape.backward(output, run.input("cotangent"));
  compare_results(run, {.inputs = inputs, .output = output, .network = network});
}

}  // namespace

void run_nectargan_manifest(NetworkCase& run) {
  std::unique_ptr<Module> network = network_of({.context = run.context, .dtype = DType::f32}, run.at("model"));
  compare_state_dict(run, *network, run.at("entries"), "entries");
}

void run_nectargan_generator(NetworkCase& run) {
  UnetGenerator network(run.placement(), generator_options(run.at("config")));
  run_network(run, network, [&](const auto& inputs) { return network(inputs.at("input")); });
}

void run_nectargan_patches(NetworkCase& run) {
  PatchGAN network(run.placement(), patch_options(run.at("config")));
  run_network(run, network, [&](const auto& inputs) { return network(inputs.at("x"), inputs.at("y")); });
}

}  // namespace cuunet
