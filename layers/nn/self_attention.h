// fastai's SelfAttention: x + gamma · (value · softmax over the query index of queryᵀ·key), all three 1×1 convolutions
// with spectral norm and without bias. x: [N, C, H, W]; query and key have C / 8 channels.
// H. Zhang et al., "Self-Attention Generative Adversarial Networks" (2018).
#pragma once

#include "layers/module/module.h"

namespace cuunet {

// A spectrally normalised 1×1 convolution over positions: its weight alone. [out, in, 1]
class SpectralConv1d final : public Module {
 public:
  struct Options {
    int64_t in, out;
  };
  SpectralConv1d(const Placement& placement, const Options& options);
  void initialise(uint64_t seed) override;
  void iterate_spectral_norm(int n);
  Var effective_weight();

 private:
  Parameter& weight_;
  Tensor &u_, &v_;
};

class SelfAttention final : public Module {
 public:
  SelfAttention(const Placement& placement, int64_t channels);
  void initialise(uint64_t seed) override;  // gamma 0: begins as the identity

 private:
  Var forward(const Var& x) override;
  Parameter& gamma_;
  SpectralConv1d &query_, &key_, &value_;
};

}  // namespace cuunet
