// fastai's conv_layer: convolution → ReLU → batch norm → self-attention, each if asked for. "same" padding.
// The convolution has a bias unless a batch norm follows. DeOldify's custom_conv_layer is the same with `extra_bn`.
#pragma once

#include "layers/nn/conv2d.h"
#include "layers/nn/elementary.h"

namespace cuunet {

// fastai's norm_type. `omitted` is its argument left out: batch norm in conv layers, weight norm in shuffles.
enum class NormType { omitted, none, batch, weight, spectral };
NormType norm_type_named(const std::string& name);  // throws a UsageError that lists the names
const char* name_of(NormType);

struct ConvLayerOptions {
  int64_t in, out;
  int kernel = 3;
  NormType norm = NormType::batch;
  bool activation = true;
  bool extra_bn = false;  // a batch norm besides a weight or spectral norm
  bool self_attention = false;
};

class ConvLayer final : public Sequential {
 public:
  ConvLayer(const Placement& placement, const ConvLayerOptions& options);
  Conv2d& convolution() { return *convolution_; }

  // relu(forward(x)) of a layer without activation; in one pass where nothing stands between.
  Var with_relu(const Var& x);

 private:
  // The convolution applies the ReLU that follows it in the same pass.
  Var forward(const Var& x) override;

  Conv2d* convolution_;
  bool activation_;
};

// fastai's res_block: x + conv_layer(conv_layer(x)), the ReLU before the add. `inner` channels between the two.
struct ResBlockOptions {
  int64_t channels, inner;
  NormType norm;
};

class ResBlock final : public Module {
 public:
  ResBlock(const Placement& placement, const ResBlockOptions& options);

 private:
  Var forward(const Var& x) override;
  Sequential& layers_;
};

}  // namespace cuunet
