#include "layers/models/vgg.h"

#include "autograd/ops/activation.h"
#include "autograd/ops/shape.h"
#include "layers/nn/batch_norm2d.h"
#include "layers/nn/conv2d.h"
#include "layers/nn/linear.h"

#include <array>

namespace cuunet {
namespace {

struct Architecture {
  const char* name;
  std::array<int, 5> convolutions;  // per block
  bool batch_norm;
};

const Architecture& architecture_named(const std::string& name) {
  static constexpr std::array<Architecture, 3> architectures{
      {{"vgg16", {2, 2, 3, 3, 3}, false}, {"vgg16_bn", {2, 2, 3, 3, 3}, true}, {"vgg19", {2, 2, 4, 4, 4}, false}}};
  for (const Architecture& architecture : architectures) {
    if (name == architecture.name) return architecture;
  }
  throw UsageError("vgg takes vgg16, vgg16_bn or vgg19, got '{}'", name);
}

constexpr std::array<int64_t, 5> widths{64, 128, 256, 512, 512};

}  // namespace

VGG::VGG(const Placement& placement, const VGGOptions& options)
    : Module(placement), features_(add<Sequential>("features")) {
  const Architecture& architecture = architecture_named(options.architecture);
  int64_t channels = 3;
  for (size_t block = 0; block < 5; ++block) {
    for (int i = 0; i < architecture.convolutions[block]; ++i) {
      // Predictions, with a tape, and targets, without one, are compared.
      Conv2dOptions conv{.in = channels, .out = widths[block], .initial_fan = Fan::out, .winograd = false};
      Step& step = steps_.emplace_back(Step{.convolution = &features_.append<Conv2d>(conv)});
      channels = widths[block];
      if (architecture.batch_norm) {
        step.normalised.emplace(*step.convolution, features_.append<BatchNorm2d>(BatchNorm2dOptions{channels}));
      }
      features_.append<ReLU>();
    }
    steps_.back().tap = block >= 2;
    if (block >= 2) taps_.push_back(features_.size() - 1);
    steps_.back().pool = &features_.append<MaxPool2d>(MaxPool2dOptions{.kernel = 2, .stride = 2, .padding = 0});
  }
  if (options.classifier) {
    classifier_ = &add<Sequential>("classifier");
    classifier_->append_as<Linear>("0", LinearOptions{512 * 7 * 7, 4096});
    classifier_->append_as<Linear>("3", LinearOptions{4096, 4096});
    classifier_->append_as<Linear>("6", LinearOptions{4096, 1000});
  }
}

std::vector<Var> VGG::taps(const Var& x) {
  std::vector<Var> outputs;
  Var y = x;
  for (Step& step : steps_) {
    y = run(step, y);
    if (step.tap) outputs.push_back(y);
    if (outputs.size() == taps_.size()) break;
    if (step.pool != nullptr) y = (*step.pool)(y);
  }
  return outputs;
}

Var VGG::forward(const Var& x) {
  if (classifier_ == nullptr) throw Error("{}: this VGG was made without its classifier", path());
  Var y = features_(x);  // [N, 512, 7, 7] for 224×224
  y = relu((*classifier_)[0](flatten(y)));
  y = relu((*classifier_)[1](y));
  return (*classifier_)[2](y);
}

}  // namespace cuunet
