#include "layers/losses/feature_loss.h"

#include "autograd/ops/arithmetic.h"
#include "autograd/ops/linalg.h"
#include "autograd/ops/loss.h"

namespace cuunet {
namespace {

Var total_of(const std::vector<std::pair<std::string, Var>>& terms) {
  Var total = terms.front().second;
  for (size_t i = 1; i < terms.size(); ++i) total = add(total, terms[i].second);
  return total;
}

}  // namespace

FeatureLoss::FeatureLoss(VGG& vgg, const FeatureLossOptions& options) : vgg_(vgg), options_(options) {
  size_t distances = options.wasserstein_weights.size();
  if (distances != 0 && distances != vgg.tap_indices().size()) {
    throw UsageError("wasserstein_weights has {} numbers, expected {}", distances, vgg.tap_indices().size());
  }
  vgg.set_training(false);
  vgg.set_trainable(false);
}

LossTerms FeatureLoss::operator()(const Var& prediction, const Var& target) {
  std::vector<Var> predicted = vgg_.taps(prediction), wanted;
  {
    NoGrad no_grad;
    wanted = vgg_.taps(target.detach());
  }
  LossTerms loss;
  loss.terms.emplace_back("pixel", l1_loss(prediction, target));
  for (size_t i = 0; i < predicted.size(); ++i) {
    Var feature = mul_scalar(l1_loss(predicted[i], wanted[i]), options_.layer_weights[i]);
    loss.terms.emplace_back("feat_" + std::to_string(i), feature);
  }
  for (size_t i = 0; i < predicted.size() && options_.gram_weight > 0; ++i) {
    double weight = options_.layer_weights[i] * options_.layer_weights[i] * options_.gram_weight;
    Var style = mul_scalar(l1_loss(gram(predicted[i]), gram(wanted[i])), weight);
    loss.terms.emplace_back("gram_" + std::to_string(i), style);
  }
  for (size_t i = 0; i < predicted.size() && !options_.wasserstein_weights.empty(); ++i) {
    Var distance = wasserstein_distance(predicted[i], wanted[i]);
    loss.terms.emplace_back("wass_" + std::to_string(i), mul_scalar(distance, options_.wasserstein_weights[i]));
  }
  loss.total = total_of(loss.terms);
  return loss;
}

}  // namespace cuunet
