// fastai v1's DynamicUnet on a ResNet: a U-Net whose decoder is made to fit its encoder.
// O. Ronneberger et al., "U-Net" (2015); fastai 1.0.56 and 1.0.61, vision/models/unet.py; DeOldify, deoldify/unet.py.
//
// x: [N, in_channels, H, W] → [N, classes, H, W], even H and W (or the built-for size, when that has an odd side).
//   layers.0 encoder · 1 batch norm · 2 ReLU · 3 middle · 4 … 7 blocks up · 8 shuffle up · [resize to the built-for
//   size, if that is odd] · 9 concatenate the input · 10 residual block · 11 1×1 convolution · [scaled sigmoid]
#pragma once

#include "layers/models/resnet.h"
#include "layers/nn/pixel_shuffle_icnr.h"
#include "layers/nn/resize.h"

#include <optional>
#include <utility>

namespace cuunet {

// Two published behaviours: 1.0.56 blurs in every shuffle whatever the flags say, and its skips carry no gradient into
// the encoder; in 1.0.61 the flags work (but the last shuffle never blurs) and skips carry gradient.
enum class FastaiVersion { v1_0_56, v1_0_61 };
FastaiVersion fastai_version_named(const std::string& name);  // "1.0.56", "1.0.61"

// DeOldify's decoders differ from fastai's: a batch norm besides the spectral one, wider blocks, weight norm in the
// last shuffle, which always blurs. `wide` has one convolution per block, of an equal width but for the last block's
// half.
enum class Decoder { fastai, deep, wide };
Decoder decoder_named(const std::string& name);
const char* name_of(Decoder);

struct DynamicUnetOptions {
  std::string encoder = "resnet34";
  int64_t encoder_width = 64;  // see ResNetBodyOptions; the decoder's channels follow. Published: 64
  int64_t in_channels = 3;
  int64_t classes = 3;
  std::pair<int64_t, int64_t> built_for{0, 0};  // image height, width; matters when a side is odd
  NormType norm = NormType::none;
  bool blur = false, blur_final = true;
  bool self_attention = false;
  std::optional<std::pair<double, double>> y_range = std::nullopt;
  bool last_cross = true, bottleneck = false;
  FastaiVersion fastai = FastaiVersion::v1_0_61;
  Decoder decoder = Decoder::fastai;
  double decoder_width = 1;  // DeOldify's nf_factor, of deep and wide
};

// DeOldify's generators, by the names of its published files: artistic (Deep, ResNet-34, 63,646,881 parameters), stable
// and video (Wide, ResNet-101, 218,222,197). J. Antic, github.com/jantic/DeOldify.
DynamicUnetOptions deoldify_options(Decoder decoder, const std::string& encoder, double width);
DynamicUnetOptions deoldify_options(const std::string& name);

struct UnetBlockOptions {
  int64_t up, shuffled, skip, out;  // channels: from below, after the shuffle, beside it, at the end
  NormType norm;
  bool blur, self_attention, skip_gradient;
  bool extra_bn = false;
  int convolutions = 2;  // or 1, which is then called "conv"
};

// up: [N, up, h, w], skip: [N, skip, H, W] → [N, out, H, W]; the upsampled map is resized to H×W when it is not 2h×2w.
class UnetBlock final : public Module {
 public:
  UnetBlock(const Placement& placement, const UnetBlockOptions& options);
  Var operator()(const Var& up, const Var& skip);

 private:
  Var convolve(const Var& joined);

  UnetBlockOptions options_;
  PixelShuffleICNR& shuf_;
  BatchNorm2d& bn_;
  std::vector<ConvLayer*> convs_;
};

class DynamicUnet final : public Module {
 public:
  DynamicUnet(const Placement& placement, const DynamicUnetOptions& options);

  const DynamicUnetOptions& options() const { return options_; }
  ResNetBody& encoder() { return *encoder_; }

  // The learning-rate group of a parameter: 0 encoder up to layer 2 (layers.0.0-5), 1 encoder layers 3 and 4, 2 the
  // rest.
  static int group_of(const std::string& parameter_name);
  // Frozen: of groups 0 and 1 only the batch norms' weight and bias train.
  void set_encoder_frozen(bool frozen);

 private:
  Var forward(const Var& x) override;

  DynamicUnetOptions options_;
  Sequential& layers_;
  ResNetBody* encoder_;
  Module *bn_, *relu_, *middle_, *last_shuffle_, *head_;
  std::array<UnetBlock*, 4> blocks_;
  Module *resize_ = nullptr, *residual_ = nullptr, *range_ = nullptr;
  Concatenate* cross_ = nullptr;
};

}  // namespace cuunet
