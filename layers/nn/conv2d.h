// torch.nn.Conv2d, with torch.nn.utils.weight_norm or the old-style torch.nn.utils.spectral_norm on its weight.
// x: [N, in, H, W] → [N, out, H', W'], H' = (H + 2·padding - kernel) / stride + 1.
#pragma once

#include "kernels/conv/conv2d.h"
#include "layers/module/initialise.h"
#include "layers/module/module.h"

namespace cuunet {

enum class WeightNorm { none, weight, spectral };

struct Conv2dOptions {
  int64_t in, out;
  int kernel = 3, stride = 1, padding = 1;
  bool bias = true;
  WeightNorm norm = WeightNorm::none;
  Fan initial_fan = Fan::in;
  PaddingMode padding_mode = PaddingMode::zeros;
  bool winograd = true;  // in inference; false where results without a tape must have the bits of those with one
};

class Conv2d final : public Module {
 public:
  Conv2d(const Placement& placement, const Conv2dOptions& options);

  // Kaiming-normal weight, zero bias; g = |v|; u and v random unit vectors.
  void initialise(uint64_t seed) override;
  // Repeats each row four times (see icnr). With weight norm nothing happens: as in the original, g and v keep the
  // plain draw.
  void initialise_icnr(uint64_t seed);
  // Spectral norm: n power iterations on the stored weight, as n training steps would do.
  void iterate_spectral_norm(int n);

  // relu(forward(x)) in one pass.
  Var with_relu(const Var& x) {
    return call(x, [&] { return convolve(x, true); });
  }

  const Conv2dOptions& options() const { return options_; }
  // The weight that forward uses: normalised when asked for. [out, in, kernel, kernel]
  Var effective_weight();
  const Var& bias() const;  // undefined without bias

 private:
  Var forward(const Var& x) override { return convolve(x, false); }
  Var convolve(const Var& x, bool relu);
  Var normalise();
  bool weight_is_constant() const { return !training() && !Recording::active(); }

  Conv2dOptions options_;
  Parameter *weight_ = nullptr, *bias_ = nullptr, *gain_ = nullptr;  // weight, weight_v or weight_orig
  Tensor *u_ = nullptr, *v_ = nullptr;
  Tensor normalised_;  // the effective weight, kept in eval mode without a tape
  int64_t normalised_version_ = -1;
  WeightsCache packed_;  // of normalised_
};

}  // namespace cuunet
