// Which known network a file's tensors are, read off their names and shapes.
#pragma once

#include "layers/models/dynamic_unet.h"
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

struct RecognisedNetwork {
  std::string model;   // "dynamic_unet", "resnet34", "vgg16_bn", …
  std::string prefix;  // stands before its names in the file: "", "model.", "state_dict.module."
  // Of a dynamic_unet. What leaves no trace in names and shapes keeps its default: blur, y_range, fastai's version;
  // with DeOldify's decoders they are what DeOldify takes.
  DynamicUnetOptions unet = {};
  bool odd_size = false;   // it was built for a picture of an odd side, which one is not known
  bool classifier = true;  // of torchvision's networks
  int64_t classes = 1000;
};

// The first that the tensors fit, with the shortest prefix; nothing when they fit none.
std::optional<RecognisedNetwork> recognise(const TensorShapes& shapes);

// A network of the options that were read, its values not set.
std::unique_ptr<Module> build_recognised(const Placement& placement, const RecognisedNetwork& network);

// "dynamic_unet: encoder resnet34, 3 classes, norm weight, self-attention"
std::string description_of(const RecognisedNetwork& network);

}  // namespace cuunet
