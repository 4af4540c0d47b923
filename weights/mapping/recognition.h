// Which known network a file's tensors are, read off their names and shapes.
#pragma once

#include "layers/models/deoldify_critic.h"
#include "layers/models/dynamic_unet.h"
#include "layers/models/patch_gan.h"
#include "layers/models/unet_generator.h"
#include "layers/module/module.h"
#include "weights/format/weights_file.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cuunet {

using TensorShapes = std::map<std::string, std::vector<int64_t>>;
TensorShapes shapes_of(const WeightsFile& file);
TensorShapes shapes_of(Module& module);

struct RecognisedNetwork {
  // "dynamic_unet", "unet_generator", "patch_gan", "deoldify_critic"; of torchvision "resnet18", -34, -50, -101,
  // "vgg16", "vgg16_bn", "vgg19"
  std::string model;
  std::string prefix;  // stands before its names in the file: "", "model.", "state_dict.module."
  // Of a dynamic_unet. What leaves no trace in names and shapes keeps its default: blur, y_range, fastai's version;
  // with DeOldify's decoders they are what DeOldify takes.
  DynamicUnetOptions unet = {};
  bool odd_size = false;  // it was built for a picture of an odd side, which one is not known
  // Of a unet_generator; without a trace: dropout_layers. input_size is the smallest that its downs take.
  UnetGeneratorOptions generator = {};
  PatchGANOptions patch_gan = {};     // max_channels shows only where it was reached
  DeOldifyCriticOptions critic = {};  // without a trace: dropout
  bool classifier = true;             // of torchvision's networks
  int64_t classes = 1000;
};

// The first that the tensors fit, with the shortest prefix; nothing when they fit none. Told by a few of its tensors:
// others may be missing, which compare_state lists.
std::optional<RecognisedNetwork> recognise(const TensorShapes& shapes);

// Of the published networks the one that shares most tensors with the file, where recognise finds none; nothing when
// fewer than a quarter of all are shared.
std::optional<RecognisedNetwork> nearest_network(const TensorShapes& shapes);

// A network of the options that were read, its values not set.
std::unique_ptr<Module> build_recognised(const Placement& placement, const RecognisedNetwork& network);

// "dynamic_unet: encoder resnet34, 3 classes, norm weight, self-attention"
std::string description_of(const RecognisedNetwork& network);

}  // namespace cuunet
