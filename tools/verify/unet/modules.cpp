// Parts of the U-Net on their own, forward and backward, and how its shuffles begin.
#include "engine/tensor/dimensions.h"
#include "kernels/device/error.h"
#include "layers/nn/pixel_shuffle_icnr.h"
#include "layers/nn/self_attention.h"
#include "tools/verify/network_results.h"
#include "tools/verify/unet/network.h"
#include "tools/verify/unet/unet.h"

namespace cuunet {
namespace {

using Json = nlohmann::json;

std::unique_ptr<Module> module_of(const Placement& placement, const Json& model) {
  std::string name = model.at("module");
  NormType norm = model.contains("norm_type") ? norm_type_named(model["norm_type"]) : NormType::none;
  if (name == "pixel_shuffle_icnr") {
    if (model.at("scale") != 2) throw Error("pixel_shuffle_icnr: no scale but 2");
    bool always_blurs = fastai_version_named(model.at("fastai")) == FastaiVersion::v1_0_56;
    return std::make_unique<PixelShuffleICNR>(
        placement,
        PixelShuffleICNROptions{
            .in = model.at("in"), .out = model.at("out"), .norm = norm, .blur = always_blurs || model["blur"]});
  }
  if (name == "conv_layer") {
    return std::make_unique<ConvLayer>(placement,
                                       ConvLayerOptions{.in = model.at("in"), .out = model.at("out"), .norm = norm});
  }
  if (name == "res_block") {
    int64_t channels = model.at("channels");
    return std::make_unique<ResBlock>(placement,
                                      ResBlockOptions{.channels = channels, .inner = channels, .norm = norm});
  }
  if (name == "self_attention") return std::make_unique<SelfAttention>(placement, model.at("channels"));
  throw Error("no module is called '{}'", name);
}

// Names and shapes; manifests hold the order too.
void compare_names_and_shapes(NetworkCase& run, Module& module) {
  Json found;
  for (const StateEntry& entry : module.state()) {
    found[entry.name] = dimensions_of(entry.value.shape());
  }
  const Json& expected = run.at("state_dict");
  for (const auto& [name, shape] : expected.items()) {
    Json got = found.value(name, Json());
    bool same = got == shape && found.size() == expected.size();
    run.comparison.fact("state_dict", same,
                        fmt::format("{}: expected {} of {} entries, got {} of {}", name, shape.dump(), expected.size(),
                                    got.dump(), found.size()));
  }
}

}  // namespace

void run_module(NetworkCase& run) {
  std::unique_ptr<Module> module = module_of(run.placement(), run.at("model"));
  compare_names_and_shapes(run, *module);
  fill_network(*module, run.definition.json());
  module->set_training(run.at("mode") == "train");
  Var input = Var::leaf(run.input("input"));
  Tape tape;
  Var output;
  {
    Recording recording(tape);
    output = (*module)(input);
  }
  tape.backward(output, run.input("cotangent"));
  compare_results(run, {.inputs = {{"input", input}}, .output = output, .network = *module});
}

void run_icnr(NetworkCase& run) {
  Tensor base = run.input("base");
  std::vector<int64_t> shape = run.definition.input_shape("base");
  Tensor kernel = Tensor::zeros(run.context, {4 * shape[0], shape[1], shape[2], shape[3]}, run.dtype());
  icnr(base, kernel);
  run.comparison.tensor("kernel", kernel);
}

}  // namespace cuunet
