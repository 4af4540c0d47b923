// fastai's PixelShuffle_ICNR: 1×1 convolution to 4·out channels → [batch norm] → ReLU → pixel shuffle by 2 → blur.
// x: [N, in, H, W] → [N, out, 2H, 2W]. The blur pads one row above and one column left by replication and takes 2×2
// means.
#pragma once

#include "layers/nn/conv_layer.h"

namespace cuunet {

struct PixelShuffleICNROptions {
  int64_t in, out;
  NormType norm = NormType::omitted;  // omitted means weight norm here
  bool blur = false;
  bool extra_bn = false;
};

class PixelShuffleICNR final : public Module {
 public:
  PixelShuffleICNR(const Placement& placement, const PixelShuffleICNROptions& options);
  void initialise(uint64_t seed) override;
  Var before_shuffle(const Var& x);  // what unet_join takes: [N, 4·out, H, W], rectified

 private:
  Var forward(const Var& x) override;
  ConvLayer& conv_;
  bool blur_;
};

}  // namespace cuunet
