#include "tools/training/starting_weights.h"

#include "kernels/device/error.h"
#include "tools/training/colorization_task.h"
#include "weights/mapping/file_state.h"
#include "weights/mapping/recognition.h"
#include "weights/mapping/torchvision.h"
#include "weights/mapping/unet_file.h"

namespace cuunet {
namespace {

bool saved_by_us(const WeightsFile& file) { return file.metadata().contains(unet_metadata_key); }

std::string found_in(const WeightsFile& file) {
  if (saved_by_us(file)) return "a network saved by cuunet";
  auto network = recognise(shapes_of(file));
  return network ? description_of(*network) : "other weights";
}

void note(std::vector<std::string>& notes, const std::string& text) {
  if (!text.empty()) notes.push_back(text);
}

void load_network(DynamicUnet& network, const std::string& path, Fit fit, std::vector<std::string>& notes) {
  WeightsFile file(path);
  auto recognised = recognise(shapes_of(file));
  if (!saved_by_us(file) && (!recognised || recognised->model != "dynamic_unet")) {
    throw FileError("{}: --init takes a U-Net, found {}; torchvision's networks go to --encoder", path, found_in(file));
  }
  UnetInFile found = find_unet(file);
  FileState source(file, found.prefix);
  if (fit == Fit::strict && !compare_state(network, source).empty()) {
    DynamicUnetOptions& options = found.description.options;
    if (!found.described) {
      options.blur = network.options().blur;
      options.blur_final = network.options().blur_final;
      options.y_range = network.options().y_range;
      options.fastai = network.options().fastai;
    }
    std::string difference = differences(found.description, network.options());
    if (!difference.empty()) {
      throw FileError("{}: holds another network than the recipe's: {}; --set model.FIELD=VALUE fits the recipe to it",
                      path, difference);
    }
  }
  note(notes, load_fitting(network, source, fit));
  require_finite(network, path);
}

void load_encoder(DynamicUnet& network, const std::string& path, Fit fit, std::vector<std::string>& notes) {
  WeightsFile file(path);
  const std::string& expected = network.options().encoder;
  auto found = recognise(shapes_of(file));
  if (saved_by_us(file) || (found && found->model == "dynamic_unet")) {
    throw FileError("{}: --encoder takes torchvision's weights, found {}; --init takes it", path, found_in(file));
  }
  if (!found || !found->model.starts_with("resnet")) {
    throw FileError("{}: --encoder takes torchvision's {}, found {}", path, expected, found_in(file));
  }
  if (found->model != expected) {
    throw FileError("{}: holds torchvision's {}, the recipe's encoder is {}; --architecture {} fits it", path,
                    found->model, expected, found->model);
  }
  FileState source(file, found->prefix);
  note(notes, load_fitting(network.encoder(), torchvision_resnet_body(source), fit));
  require_finite(network.encoder(), path);
}

std::unique_ptr<VGG> build_judge(const Placement& placement, const Recipe& recipe, const std::string& path, Fit fit,
                                 std::vector<std::string>& notes) {
  auto judge = std::make_unique<VGG>(placement, VGGOptions{.architecture = recipe.loss.network});
  judge->initialise(recipe.seed);
  if (!path.empty()) {
    WeightsFile file(path);
    auto found = recognise(shapes_of(file));
    if (!found || found->model != recipe.loss.network) {
      throw FileError("{}: --vgg takes torchvision's {}, found {}", path, recipe.loss.network, found_in(file));
    }
    FileState source(file, found->prefix);
    note(notes, load_fitting(*judge, torchvision_vgg_features(source), fit));
    require_finite(*judge, path);
  }
  return judge;
}

}  // namespace

StartingNetwork build_network(Context& context, const Recipe& recipe, const RunInputs& inputs) {
  Placement placement{context};
  StartingNetwork start;
  start.network = std::make_unique<DynamicUnet>(placement, unet_options(recipe.model));
  Fit fit = inputs.partial ? Fit::partial : Fit::strict;
  bool overwritten = !inputs.init.empty() && fit == Fit::strict;  // every tensor is, then nothing needs to be drawn
  if (!overwritten) start.network->initialise(recipe.seed);
  if (!inputs.encoder.empty()) load_encoder(*start.network, inputs.encoder, fit, start.notes);
  if (!inputs.init.empty()) load_network(*start.network, inputs.init, fit, start.notes);
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
  start.judge = build_judge(placement, recipe, inputs.vgg, fit, start.notes);
  start.loss = std::make_unique<FeatureLoss>(*start.judge, FeatureLossOptions{});
  if (inputs.vgg.empty()) {
    start.notes.push_back(
        "the feature loss judges with seeded random features (no --vgg): it compares structure, not "
        "meaning; --loss color or --loss pixel leaves it out");
  }
  return start;
}

}  // namespace cuunet
