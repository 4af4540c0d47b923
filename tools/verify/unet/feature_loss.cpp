// The feature loss: its terms, its gradient, and the features it compares.
#include "layers/losses/feature_loss.h"

#include "kernels/device/error.h"
#include "tools/verify/network_results.h"
#include "tools/verify/unet/network.h"
#include "tools/verify/unet/unet.h"

namespace cuunet {
namespace {

using Json = nlohmann::json;

// tap_<i>_pred, whole or "tap_<i>_pred_channels_0_7", and the taps' shapes and places.
void compare_taps(NetworkCase& run, VGG& vgg) {
  if (run.at("model").at("taps") != vgg.tap_indices()) {
    throw Error("expected taps {}, the network has {}", run.at("model").at("taps").dump(),
                Json(vgg.tap_indices()).dump());
  }
  NoGrad no_grad;
  std::vector<Var> taps = vgg.taps(Var(run.input("pred")));
  for (size_t i = 0; i < taps.size(); ++i) {
    std::string name = fmt::format("tap_{}_pred", i), first_channels = name + "_channels_0_7";
    std::string expected = Shape(run.at("tap_shapes").at(i).get<std::vector<int64_t>>()).text();
    run.comparison.fact("tap_shapes", taps[i].shape().text() == expected,
                        fmt::format("{}: expected {}, got {}", name, expected, taps[i].shape().text()));
    run.comparison.tensor(name, taps[i].value());
    if (run.at("outputs").contains(first_channels)) {
      run.comparison.tensor(first_channels, taps[i].value().channels(0, 8));
    }
  }
}

}  // namespace

void run_feature_loss(NetworkCase& run) {
  const Json& model = run.at("model");
  VGG vgg(run.placement(), {.architecture = model.at("arch")});
  fill_network(vgg, run.definition.json());
  FeatureLoss loss(vgg, {.layer_weights = model.at("layer_weights"), .gram_weight = model.at("gram_weight")});
  Var prediction = Var::leaf(run.input("pred"));
  LossTerms terms = descended([&] { return loss(prediction, Var(run.input("target"))); });
  run.comparison.tensor("pred_grad", prediction.gradient());
  compare_scalar(run, "total", terms.total.value().item());
  for (const auto& [name, term] : terms.terms) compare_scalar(run, name, term.value().item());
  compare_taps(run, vgg);
}

}  // namespace cuunet
