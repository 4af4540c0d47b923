#include "layers/models/deoldify_critic.h"
#include "layers/models/dynamic_unet.h"
#include "tools/verify/deoldify/deoldify.h"
#include "tools/verify/network_results.h"

namespace cuunet {
namespace {

using Json = nlohmann::json;

std::unique_ptr<Module> network_of(const Placement& placement, const std::string& name) {
  if (name == "deep") return std::make_unique<DynamicUnet>(placement, deoldify_options("artistic"));
  if (name == "wide") return std::make_unique<DynamicUnet>(placement, deoldify_options("stable"));
  if (name == "deep_small") {
    return std::make_unique<DynamicUnet>(placement, deoldify_options(Decoder::deep, "resnet18", 0.5));
  }
  if (name == "critic") return std::make_unique<DeOldifyCritic>(placement);
  if (name == "critic_small") return std::make_unique<DeOldifyCritic>(placement, DeOldifyCriticOptions{.width = 32});
  throw Error("no network is called '{}'", name);
}

// Which learning rate a parameter has, and whether it trains while the encoder is frozen.
void compare_groups(NetworkCase& run, DynamicUnet& network) {
  network.set_encoder_frozen(true);
  std::map<std::string, bool> trainable;
  for (const auto& [name, parameter] : network.parameters()) trainable[name] = parameter->trainable();
  for (const Json& entry : run.at("entries")) {
    if (!entry.contains("group")) continue;
    std::string name = entry.at("key");
    run.comparison.fact("groups", DynamicUnet::group_of(name) == entry["group"], name + ": another group");
    run.comparison.fact("groups", trainable.at(name) == entry.at("trainable_when_frozen"),
                        name + (trainable.at(name) ? " trains, expected frozen" : " is frozen, expected to train"));
  }
}

}  // namespace

void run_deoldify_manifest(NetworkCase& run) {
  std::string name = run.definition.name().substr(std::string("manifest_").size());
  std::unique_ptr<Module> network = network_of({.context = run.context, .dtype = DType::f32}, name);
  compare_state_dict(run, *network, run.at("entries"), "entries");
  if (auto* unet = dynamic_cast<DynamicUnet*>(network.get())) compare_groups(run, *unet);
}

}  // namespace cuunet
