#include "layers/models/dynamic_unet.h"

#include "autograd/ops/activation.h"
#include "autograd/ops/arithmetic.h"
#include "autograd/ops/resample.h"

namespace cuunet {
namespace {

// The encoder's children whose outputs are the skips, deepest first.
constexpr std::array<size_t, 4> skip_children{6, 5, 4, 2};

constexpr std::array<const char*, 3> decoder_names{"fastai", "deep", "wide"};

// The channels of a block up; `last` is the one nearest to the picture.
UnetBlockOptions block_options(const DynamicUnetOptions& options, int64_t up, int64_t skip, bool last) {
  bool deoldify = options.decoder != Decoder::fastai, published_1_0_56 = options.fastai == FastaiVersion::v1_0_56;
  UnetBlockOptions block{.up = up,
                         .shuffled = up / 2,
                         .skip = skip,
                         .out = (up / 2 + skip) / (last ? 2 : 1),
                         .norm = options.norm,
                         .blur = deoldify || published_1_0_56 || (options.blur && (!last || options.blur_final)),
                         .self_attention = false,
                         .skip_gradient = deoldify || !published_1_0_56,
                         .extra_bn = deoldify};
  if (options.decoder == Decoder::deep) {
    block.out = static_cast<int64_t>(static_cast<double>(block.out) * options.decoder_width);
  } else if (options.decoder == Decoder::wide) {
    block.out = block.shuffled = static_cast<int64_t>(512 * options.decoder_width) / (last ? 4 : 2);
    block.convolutions = 1;
  }
  return block;
}

}  // namespace

FastaiVersion fastai_version_named(const std::string& name) {
  if (name == "1.0.56") return FastaiVersion::v1_0_56;
  if (name == "1.0.61") return FastaiVersion::v1_0_61;
  throw UsageError("fastai takes 1.0.56 or 1.0.61, got '{}'", name);
}

Decoder decoder_named(const std::string& name) {
  for (size_t i = 0; i < decoder_names.size(); ++i) {
    if (name == decoder_names[i]) return static_cast<Decoder>(i);
  }
  throw UsageError("decoder takes fastai, deep or wide, got '{}'", name);
}

const char* name_of(Decoder decoder) { return decoder_names[static_cast<size_t>(decoder)]; }

DynamicUnetOptions deoldify_options(Decoder decoder, const std::string& encoder, double width) {
  return {.encoder = encoder,
          .norm = NormType::spectral,
          .blur = true,
          .self_attention = true,
          .y_range = std::pair{-3.0, 3.0},
          .decoder = decoder,
          .decoder_width = width};
}

DynamicUnetOptions deoldify_options(const std::string& name) {
  if (name == "artistic") return deoldify_options(Decoder::deep, "resnet34", 1.5);
  if (name == "stable" || name == "video") return deoldify_options(Decoder::wide, "resnet101", 2);
  throw UsageError("DeOldify has the models artistic, stable and video, got '{}'", name);
}

UnetBlock::UnetBlock(const Placement& placement, const UnetBlockOptions& options)
    : Module(placement),
      options_(options),
      shuf_(add<PixelShuffleICNR>("shuf", PixelShuffleICNROptions{.in = options.up,
                                                                  .out = options.shuffled,
                                                                  .norm = options.norm,
                                                                  .blur = options.blur,
                                                                  .extra_bn = options.extra_bn})),
      bn_(add<BatchNorm2d>("bn", BatchNorm2dOptions{.channels = options.skip, .initial_bias = 1e-3})) {
  int64_t channels = options.shuffled + options.skip;
  for (int i = 1; i <= options.convolutions; ++i, channels = options.out) {
    std::string name = options.convolutions == 1 ? "conv" : "conv" + std::to_string(i);
    bool last = i == options.convolutions;
    convs_.push_back(&add<ConvLayer>(name, ConvLayerOptions{.in = channels,
                                                            .out = options.out,
                                                            .norm = options.norm,
                                                            .extra_bn = options.extra_bn,
                                                            .self_attention = last && options.self_attention}));
  }
}

Var UnetBlock::convolve(const Var& joined) {
  Var y = joined;
  for (ConvLayer* conv : convs_) y = (*conv)(y);
  return y;
}

Var UnetBlock::operator()(const Var& up, const Var& skip) {
  return call(up, [&] {
    const Shape &from = up.shape(), &to = skip.shape();
    Var crossing = options_.skip_gradient ? skip : skip.detach();
    if (to[2] == 2 * from[2] && to[3] == 2 * from[3] && !ForwardObserver::watching()) {
      return convolve(unet_join(shuf_.before_shuffle(up), options_.blur, bn_.before_join(crossing)));
    }
    Var y = interpolate_like(shuf_(up), skip, Interpolation::nearest);  // [N, shuffled, H, W]
    return convolve(concat_relu({y, bn_(crossing)}));
  });
}

DynamicUnet::DynamicUnet(const Placement& placement, const DynamicUnetOptions& options)
    : Module(placement), options_(options), layers_(add<Sequential>("layers")) {
  bool deoldify = options.decoder != Decoder::fastai;
  encoder_ = &layers_.append<ResNetBody>(
      ResNetBodyOptions{resnet_named(options.encoder), options.in_channels, options.encoder_width});
  int64_t channels = encoder_->channels_after(7);
  bn_ = &layers_.append<BatchNorm2d>(BatchNorm2dOptions{.channels = channels, .initial_bias = 1e-3});
  relu_ = &layers_.append<ReLU>();
  auto& middle = layers_.append<Sequential>();
  for (auto [in, out] : {std::pair{channels, 2 * channels}, std::pair{2 * channels, channels}}) {
    middle.append<ConvLayer>(ConvLayerOptions{.in = in, .out = out, .norm = options.norm, .extra_bn = deoldify});
  }
  middle_ = &middle;
  for (size_t i = 0; i < 4; ++i) {
    UnetBlockOptions block = block_options(options, channels, encoder_->channels_after(skip_children[i]), i == 3);
    block.self_attention = options.self_attention && i == 1;
    blocks_[i] = &layers_.append<UnetBlock>(block);
    channels = block.out;
  }
  last_shuffle_ = &layers_.append<PixelShuffleICNR>(
      PixelShuffleICNROptions{.in = channels,
                              .out = channels,
                              .norm = deoldify ? NormType::weight : options.norm,
                              .blur = deoldify || options.fastai == FastaiVersion::v1_0_56});
  auto [height, width] = options.built_for;
  if (height % 2 != 0 || width % 2 != 0) resize_ = &layers_.append<NearestResize>(height, width);
  if (options.last_cross) {
    cross_ = &layers_.append<Concatenate>();
    channels += options.in_channels;
    residual_ = &layers_.append<ResBlock>(ResBlockOptions{
        .channels = channels, .inner = options.bottleneck ? channels / 2 : channels, .norm = options.norm});
  }
  head_ = &layers_.append<ConvLayer>(
      ConvLayerOptions{.in = channels, .out = options.classes, .kernel = 1, .norm = options.norm, .activation = false});
  if (options.y_range) range_ = &layers_.append<SigmoidRange>(options.y_range->first, options.y_range->second);
}

Var DynamicUnet::forward(const Var& x) {
  std::array<Var, 8> features;
  Var y = encoder_->run(x, features);  // [N, 512, H/32, W/32]
  y = (*middle_)((*relu_)((*bn_)(y)));
  for (size_t i = 0; i < 4; ++i) {
    y = (*blocks_[i])(y, features[skip_children[i]]);  // [N, 512 | 384 | 256 | 96, H/16 | H/8 | H/4 | H/2, …]
    features[skip_children[i]] = Var();
  }
  y = (*last_shuffle_)(y);  // [N, 96, H, W]
  if (resize_ != nullptr) y = (*resize_)(y);
  if (cross_ != nullptr) y = (*residual_)((*cross_)(y, x));  // [N, 99, H, W]
  y = (*head_)(y);
  return range_ != nullptr ? (*range_)(y) : y;
}

int DynamicUnet::group_of(const std::string& name) {
  if (!name.starts_with("layers.0.")) return 2;
  return name[9] <= '5' ? 0 : 1;  // "layers.0.5.…"
}

void DynamicUnet::set_encoder_frozen(bool frozen) {
  encoder_->set_trainable(!frozen);
  encoder_->each([](Module& module) {
    if (auto* bn = dynamic_cast<BatchNorm2d*>(&module)) bn->set_affine_trainable(true);
  });
}

}  // namespace cuunet
