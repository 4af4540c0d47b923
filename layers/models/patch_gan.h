// Pix2pix's discriminator: a score per patch of a pair of pictures.
// P. Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks" (2017); NectarGAN's
// Discriminator.
//
// x, y: [N, in_channels, H, W] → [N, 1, h, w] without activation. All convolutions 4×4, padding 1 by reflection:
//   0 /2 → base_channels, leaky ReLU 0.2 · layers - 1 times: convolution without bias (/2, the last /1) to twice the
//   channels, at most max_channels, instance norm, leaky ReLU · /1 → 1
// With 3 layers a score sees 34 × 34 pixels. A picture so small that a normalised map has one element is a ShapeError.
#pragma once

#include "layers/module/module.h"

#include <vector>

namespace cuunet {

struct PatchGANOptions {
  int64_t in_channels = 3, base_channels = 64;
  int layers = 3;  // the first convolution counts
  int64_t max_channels = 512;
};

class PatchGAN final : public Module {
 public:
  PatchGAN(const Placement& placement, const PatchGANOptions& options = {});
  Var operator()(const Var& x, const Var& y);

  // PyTorch's own: uniform within ±1/sqrt(fan_in), weights and biases.
  void initialise(uint64_t seed) override;

 private:
  Module *first_, *last_;
  std::vector<Module*> inner_;
};

}  // namespace cuunet
