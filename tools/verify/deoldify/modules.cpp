// Parts of the generators on their own, forward and backward in training mode.
#include "layers/models/dynamic_unet.h"
#include "layers/nn/self_attention.h"
#include "tools/verify/deoldify/deoldify.h"
#include "tools/verify/network_results.h"

namespace cuunet {
namespace {

using Json = nlohmann::json;

// Deep: the shuffle halves the channels, nf_factor widens what follows. Wide: both have half of n_out.
UnetBlockOptions block_options(const Json& model) {
  bool deep = model.at("class") == "UnetBlockDeep";
  int64_t up = model.at("up_in_c"), skip = model.at("x_in_c");
  UnetBlockOptions options{.up = up,
                           .shuffled = up / 2,
                           .skip = skip,
                           .out = 0,
                           .norm = norm_type_named(model.at("norm_type")),
                           .blur = true,
                           .self_attention = model.at("self_attention"),
                           .skip_gradient = true,
                           .extra_bn = model.at("extra_bn")};
  if (deep) {
    int64_t channels = (up / 2 + skip) / (model.at("final_div").get<bool>() ? 1 : 2);
    options.out = static_cast<int64_t>(static_cast<double>(channels) * model.at("nf_factor").get<double>());
  } else {
    options.out = options.shuffled = model.at("n_out").get<int64_t>() / 2;
    options.convolutions = 1;
  }
  return options;
}

std::unique_ptr<Module> module_of(const Placement& placement, const Json& model) {
  std::string name = model.at("class");
  if (name == "SelfAttention") return std::make_unique<SelfAttention>(placement, model.at("n_channels"));
  if (name.starts_with("UnetBlock")) return std::make_unique<UnetBlock>(placement, block_options(model));
  NormType norm = norm_type_named(model.at("norm_type"));
  if (name == "res_block") {
    int64_t channels = model.at("nf");
    return std::make_unique<ResBlock>(placement,
                                      ResBlockOptions{.channels = channels, .inner = channels, .norm = norm});
  }
  if (name == "PixelShuffle_ICNR") {
    int64_t channels = model.at("ni");
    return std::make_unique<PixelShuffleICNR>(
        placement, PixelShuffleICNROptions{.in = channels, .out = channels, .norm = norm, .blur = true});
  }
  throw Error("no module is called '{}'", name);
}

// Names, shapes and kinds; a count of batches is listed by no case.
void compare_state(NetworkCase& run, Module& module) {
  std::map<std::string, StateEntry> found;
  for (const StateEntry& entry : module.state()) found.emplace(entry.name, entry);
  for (const Json& entry : run.at("state")) {
    std::string name = entry.at("key");
    if (name.ends_with("num_batches_tracked")) continue;
    auto got = found.find(name);
    bool same = got != found.end() &&
                got->second.value.shape().text() == Shape(entry.at("shape").get<std::vector<int64_t>>()).text() &&
                (got->second.parameter != nullptr) == entry.at("parameter");
    run.comparison.fact("state", same, name + ": missing, or of another shape or kind");
  }
}

Var output_of(Module& module, const std::map<std::string, Var>& inputs) {
  if (auto* block = dynamic_cast<UnetBlock*>(&module)) return (*block)(inputs.at("up"), inputs.at("skip"));
  return module(inputs.at("input"));
}

}  // namespace

void run_deoldify_module(NetworkCase& run) {
  std::unique_ptr<Module> module = module_of(run.placement(), run.at("model"));
  compare_state(run, *module);
  fill_network(*module, run.definition.json());
  module->set_training(run.at("mode") == "train");
  std::map<std::string, Var> inputs;
  for (const auto& [name, description] : run.at("inputs").items()) {
    if (name != "cotangent") inputs.emplace(name, Var::leaf(run.input(name)));
  }
  Tape tape;
  Var output;
  {
    Recording recording(tape);
    output = output_of(*module, inputs);
  }
  tape.backward(output, run.input("cotangent"));
  compare_results(run, {.inputs = inputs, .output = output, .network = *module});
  compare_sigmas(run, "sigma", *module);
}

}  // namespace cuunet
