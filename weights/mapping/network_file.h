// Any network that is recognised in a file of weights, ready to run, with names for what goes in and comes out:
//   a pair's discriminator (PatchGAN)   "x", "y" → "output"
//   a VGG without its classifier        "input"  → "features.22", …: the ReLUs before max pools 3, 4 and 5
//   every other                         "input"  → "output"
#pragma once

#include "weights/mapping/unet_file.h"

#include <optional>

namespace cuunet {

using NamedVars = std::vector<std::pair<std::string, Var>>;

// Which pictures a network takes.
struct PictureSizes {
  int64_t channels, height, width;  // those of one
  int64_t multiple = 1;             // of others both sides are a multiple of this
  bool fixed = false;               // there are no others
  std::string text() const;         // "sides that are multiples of 2"
};

struct LoadedNetwork {
  std::string text;                     // "dynamic_unet: encoder resnet34, 3 in, 3 out, norm weight"
  std::unique_ptr<Module> module;       // in eval mode, nothing trainable
  std::optional<UnetDescription> unet;  // what the file says, or what was read off it
  std::vector<std::string> notes;       // what had to be assumed, what was left out

  std::vector<std::string> input_names() const;
  PictureSizes picture_sizes() const;
  // `inputs` in the order of input_names().
  NamedVars operator()(const std::vector<Var>& inputs);
};

// FileErrors: no known network in it, tensors that don't fit, values that are not finite.
LoadedNetwork load_network(const Placement& placement, const std::filesystem::path& path, Fit fit = Fit::strict);

// The same without its values, for the names and shapes of what it takes and has.
LoadedNetwork outline_network(Context& context, const std::filesystem::path& path);

}  // namespace cuunet
