#include "layers/models/dynamic_unet.h"

#include "autograd/ops/activation.h"
#include "autograd/ops/arithmetic.h"
#include "autograd/ops/resample.h"

namespace cuunet {
namespace {

// The encoder's children whose outputs are the skips, deepest first.
constexpr std::array<size_t, 4> skip_children{6, 5, 4, 2};

}  // namespace

FastaiVersion fastai_version_named(const std::string& name) {
  if (name == "1.0.56") return FastaiVersion::v1_0_56;
  if (name == "1.0.61") return FastaiVersion::v1_0_61;
  throw UsageError("fastai takes 1.0.56 or 1.0.61, got '{}'", name);
}

UnetBlock::UnetBlock(const Placement& placement, const UnetBlockOptions& options)
    : Module(placement),
      options_(options),
      shuf_(add<PixelShuffleICNR>(
          "shuf",
          PixelShuffleICNROptions{
              .in = options.up, .out = options.up / 2, .norm = options.norm, .blur = options.blur})),
      bn_(add<BatchNorm2d>("bn", BatchNorm2dOptions{.channels = options.skip, .initial_bias = 1e-3})),
      conv1_(add<ConvLayer>(
          "conv1", ConvLayerOptions{.in = options.up / 2 + options.skip, .out = options.out, .norm = options.norm})),
      conv2_(add<ConvLayer>("conv2", ConvLayerOptions{.in = options.out,
                                                      .out = options.out,
                                                      .norm = options.norm,
                                                      .self_attention = options.self_attention})) {}

Var UnetBlock::operator()(const Var& up, const Var& skip) {
  return call(up, [&] {
    const Shape &from = up.shape(), &to = skip.shape();
    Var crossing = options_.skip_gradient ? skip : skip.detach();
    if (to[2] == 2 * from[2] && to[3] == 2 * from[3] && !ForwardObserver::watching()) {
      return conv2_(conv1_(unet_join(shuf_.before_shuffle(up), options_.blur, bn_.before_join(crossing))));
    }
    Var y = shuf_(up);  // [N, up / 2, 2h, 2w]
    if (y.shape()[2] != to[2] || y.shape()[3] != to[3]) y = interpolate(y, to[2], to[3], Interpolation::nearest);
    return conv2_(conv1_(concat_relu({y, bn_(crossing)})));
  });
}

DynamicUnet::DynamicUnet(const Placement& placement, const DynamicUnetOptions& options)
    : Module(placement), options_(options), layers_(add<Sequential>("layers")) {
  bool always_blurs = options.fastai == FastaiVersion::v1_0_56;
  encoder_ = &layers_.append<ResNetBody>(
      ResNetBodyOptions{resnet_named(options.encoder), options.in_channels, options.encoder_width});
  int64_t channels = encoder_->channels_after(7);
  bn_ = &layers_.append<BatchNorm2d>(BatchNorm2dOptions{.channels = channels, .initial_bias = 1e-3});
  relu_ = &layers_.append<ReLU>();
  auto& middle = layers_.append<Sequential>();
  middle.append<ConvLayer>(ConvLayerOptions{.in = channels, .out = 2 * channels, .norm = options.norm});
  middle.append<ConvLayer>(ConvLayerOptions{.in = 2 * channels, .out = channels, .norm = options.norm});
  middle_ = &middle;
  for (size_t i = 0; i < 4; ++i) {
    bool last = i == 3;
    int64_t skip = encoder_->channels_after(skip_children[i]);
    int64_t out = (channels / 2 + skip) / (last ? 2 : 1);
    blocks_[i] = &layers_.append<UnetBlock>(
        UnetBlockOptions{.up = channels,
                         .skip = skip,
                         .out = out,
                         .norm = options.norm,
                         .blur = always_blurs || (options.blur && (!last || options.blur_final)),
                         .self_attention = options.self_attention && i == 1,
                         .skip_gradient = options.fastai == FastaiVersion::v1_0_61});
    channels = out;
  }
  last_shuffle_ = &layers_.append<PixelShuffleICNR>(
      PixelShuffleICNROptions{.in = channels, .out = channels, .norm = options.norm, .blur = always_blurs});
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
