// Where a network's weights and its judge's come from before training.
#pragma once

#include "layers/losses/color_loss.h"
#include "layers/losses/feature_loss.h"
#include "layers/models/dynamic_unet.h"
#include "layers/models/vgg.h"
#include "tools/training/recipe.h"
#include "tools/training/run_folder.h"

#include <memory>
#include <string>
#include <vector>

namespace cuunet {

struct StartingNetwork {
  std::unique_ptr<DynamicUnet> network;
  std::unique_ptr<VGG> judge;  // null without feature loss
  std::unique_ptr<Loss> loss;
  std::vector<std::string> notes;  // what the user should know: which parts begin at random, and what that costs
};

// Builds network and loss of a recipe. `inputs.init` is a U-Net's file, `inputs.encoder` and `inputs.vgg` are files of
// torchvision's ImageNet weights, of any format; what is not given begins with seeded draws. FileErrors say what a
// file holds and what fits, or which value is not finite.
StartingNetwork build_network(Context& context, const Recipe& recipe, const RunInputs& inputs);

}  // namespace cuunet
