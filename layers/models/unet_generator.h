// Pix2pix's generator as NectarGAN builds it: a U-Net of strided convolutions with instance norm.
// P. Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks" (2017);
// github.com/ZacharyBork/NectarGAN, nectargan/models/unet.
//
// x: [N, in_channels, H, W] → the same shape. With c_i = min(features·2^i, 8·features) and n = downs:
//   initial_down · downs.0 … downs.n-1 (c_i → c_i+1) · bottleneck · ups.0 … ups.n (a skip beside each but the first)
//   · final_up, tanh
// Blocks going down: 4×4/2 with reflected borders, instance norm, leaky ReLU 0.2; going up: transposed 4×4/2, or
// bilinear resize and 3×3 with reflected borders, instance norm, ReLU; dropout of a half in the first ups. Residual
// blocks add relu(1×1 convolution of their input); then the output is not bounded by 1.
//
// H and W: plain blocks need floor(H/2) and floor(W/2) divisible by 2^(n+1), residual ones H = W = 2^(n+2) exactly, as
// the shortcut of ups.0 only fits a 1 × 1 bottleneck; else a ShapeError says so before anything is computed.
#pragma once

#include "layers/module/module.h"

#include <vector>

namespace cuunet {

struct UnetGeneratorOptions {
  int64_t input_size = 256;  // checked against downs: at least 2^(downs + 2)
  int64_t in_channels = 3, features = 64;
  int downs = 6;           // at least 3, as the bottleneck has 8·features channels
  int dropout_layers = 3;  // of the ups, from the bottleneck
  bool residual = false;   // ResidualUnetBlock instead of UnetBlock
  bool bilinear = false;   // upsampling: Bilinear instead of Transposed
};

class UnetGenerator final : public Module {
 public:
  // UsageError: too few downs, or an input_size too small for them.
  UnetGenerator(const Placement& placement, const UnetGeneratorOptions& options);
  const UnetGeneratorOptions& options() const { return options_; }

  // Weights N(0, 0.02²), biases 0.
  void initialise(uint64_t seed) override;

 private:
  Var forward(const Var& x) override;
  void require_size(const Var& x) const;

  UnetGeneratorOptions options_;
  Module *initial_down_, *bottleneck_, *final_up_;
  std::vector<Module*> downs_, ups_;
};

}  // namespace cuunet
