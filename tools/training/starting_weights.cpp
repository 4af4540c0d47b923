#include "tools/training/starting_weights.h"

#include "kernels/device/error.h"
#include "tools/training/colorization_task.h"
#include "weights/mapping/torchvision.h"
#include "weights/mapping/unet_file.h"

namespace cuunet {
namespace {

bool saved_by_us(const SafetensorsFile& file) { return file.metadata().contains(unet_metadata_key); }

void load_network(DynamicUnet& network, const std::string& path) {
  SafetensorsFile file(path);
  if (!saved_by_us(file)) {
    throw FileError("{}: --init takes a network saved by cuunet, found other weights; torchvision's go to --encoder",
                    path);
  }
  SafetensorsState source(file, std::string(network_prefix));
  if (!compare_state(network, source).empty()) {
    UnetDescription found = parse_description(file.metadata().at(unet_metadata_key), path);
    std::string difference = differences(found, network.options());
    if (!difference.empty()) throw FileError("{}: holds another network than the recipe's: {}", path, difference);
  }
  load_state(network, source);
  require_finite(network, path);
}

void load_encoder(DynamicUnet& network, const std::string& path) {
  SafetensorsFile file(path);
  if (saved_by_us(file)) {
    throw FileError("{}: --encoder takes torchvision's weights, found a network saved by cuunet; --init takes it",
                    path);
  }
  SafetensorsState source(file);
  const std::string& expected = network.options().encoder;
  std::string found = torchvision_resnet_name(source);
  if (found.empty()) throw FileError("{}: --encoder takes torchvision's {}, found other weights", path, expected);
  if (found != expected) {
    throw FileError("{}: holds torchvision's {}, the recipe's encoder is {}; --architecture {} fits it", path, found,
                    expected, found);
  }
  load_state(network.encoder(), torchvision_resnet_body(source));
  require_finite(network.encoder(), path);
}

std::unique_ptr<VGG> build_judge(const Placement& placement, const Recipe& recipe, const std::string& path) {
  auto judge = std::make_unique<VGG>(placement, VGGOptions{.architecture = recipe.loss.network});
  judge->initialise(recipe.seed);
  if (!path.empty()) {
    SafetensorsFile file(path);
    SafetensorsState source(file);
    if (saved_by_us(file))
      throw FileError("{}: --vgg takes torchvision's {}, found other weights", path, recipe.loss.network);
    load_state(*judge, torchvision_vgg_features(source));
    require_finite(*judge, path);
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
  if (recipe.loss.kind == "color") {
    start.loss = std::make_unique<ColorLoss>(recipe.loss.chroma_weight);
    return start;
  }
  start.judge = build_judge(placement, recipe, inputs.vgg);
  start.loss = std::make_unique<FeatureLoss>(*start.judge, FeatureLossOptions{});
  if (inputs.vgg.empty()) {
    start.notes.push_back(
        "the feature loss judges with seeded random features (no --vgg): it compares structure, not "
        "meaning; --loss color or --loss pixel leaves it out");
  }
  return start;
}

}  // namespace cuunet
