#include "layers/losses/feature_loss.h"
#include "tools/verify/deoldify/deoldify.h"
#include "tools/verify/network_results.h"

namespace cuunet {
namespace {

// "every convolution weight (rank 4) multiplied by 1.5 in float32 …"
void enlarge_convolutions(Module& network) {
  for (StateEntry& entry : network.state()) {
    if (entry.value.shape().rank() != 4) continue;
    std::vector<double> values = entry.value.to_host();
    for (double& value : values) value = static_cast<float>(value) * 1.5f;
    entry.value.assign(values);
  }
}

}  // namespace

void run_deoldify_loss(NetworkCase& run) {
  const nlohmann::json& model = run.at("model");
  VGG vgg(run.placement(), {.architecture = "vgg16_bn"});
  fill_network(vgg, run.definition.json());
  enlarge_convolutions(vgg);
  FeatureLossOptions options{.layer_weights = model.at("layer_wgts"), .gram_weight = 0};
  if (model.contains("wass_wgts")) options.wasserstein_weights = model["wass_wgts"].get<std::vector<double>>();
  FeatureLoss loss(vgg, options);
  Var prediction = Var::leaf(run.input("pred"));
  LossTerms terms = descended([&] { return loss(prediction, Var(run.input("target"))); });
  run.comparison.tensor("grad/pred", prediction.gradient());
  compare_scalar(run, "loss", terms.total.value().item());
  for (const auto& [name, term] : terms.terms) compare_scalar(run, "term/" + name, term.value().item());
  NoGrad no_grad;
  std::vector<Var> taps = vgg.taps(Var(run.input("pred")));
  for (size_t i = 0; i < taps.size(); ++i) run.comparison.tensor(fmt::format("feat/{}", i), taps[i].value());
}

}  // namespace cuunet
