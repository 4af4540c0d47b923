#include "tools/training/starting_weights.h"

#include "tools/training/colorization_task.h"
#include "weights/mapping/torchvision.h"
#include "weights/mapping/unet_file.h"

namespace cuunet {
namespace {

void load_network(DynamicUnet& network, const std::string& path) {
  SafetensorsFile file(path);
  load_state(network, SafetensorsState(file, std::string(network_prefix)));
}

void load_encoder(DynamicUnet& network, const std::string& path) {
  SafetensorsFile file(path);
  SafetensorsState source(file);
  load_state(network.encoder(), torchvision_resnet_body(source));
}

std::unique_ptr<VGG> build_judge(const Placement& placement, const Recipe& recipe, const std::string& path) {
  auto judge = std::make_unique<VGG>(placement, VGGOptions{.architecture = recipe.loss.network});
  judge->initialise(recipe.seed);
  if (!path.empty()) {
    SafetensorsFile file(path);
    SafetensorsState source(file);
    load_state(*judge, torchvision_vgg_features(source));
  }
  return judge;
}

}  // namespace

StartingNetwork build_network(Context& context, const Recipe& recipe, const RunInputs& inputs) {
  Placement placement{context};
  StartingNetwork start;
  start.network = std::make_unique<DynamicUnet>(placement, unet_options(recipe.model));
  start.network->initialise(recipe.seed);
  if (!inputs.encoder.empty()) load_encoder(*start.network, inputs.encoder);
  if (!inputs.init.empty()) load_network(*start.network, inputs.init);
  if (inputs.encoder.empty() && inputs.init.empty()) {
    start.notes.push_back(
        "the encoder begins at random (no --encoder or --init): expect duller colours, later; a frozen "
        "stage then trains on random features");
  }
  if (recipe.loss.kind == "pixel") {
    start.loss = std::make_unique<PixelLoss>();
    return start;
  }
  start.judge = build_judge(placement, recipe, inputs.vgg);
  start.loss = std::make_unique<FeatureLoss>(*start.judge, FeatureLossOptions{});
  if (inputs.vgg.empty()) {
    start.notes.push_back(
        "the feature loss judges with seeded random features (no --vgg): it compares structure, not "
        "meaning; --loss pixel leaves it out");
  }
  return start;
}

}  // namespace cuunet
