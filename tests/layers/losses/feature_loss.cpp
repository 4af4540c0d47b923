#include "layers/losses/feature_loss.h"

#include "engine/device/host_context.h"
#include "kernels/device/philox.h"

#include <doctest/doctest.h>

using namespace cuunet;

namespace {

Var random_picture(Context& context, uint64_t seed) {
  RandomStream stream(seed, Purpose::features);
  std::vector<double> values(2 * 3 * 32 * 32);
  for (double& value : values) value = stream.uniform(-2, 2);
  return Var::leaf(Tensor::from_host(context, {2, 3, 32, 32}, DType::f32, values));
}

}  // namespace

TEST_CASE("feature_loss: terms by name sum to the total; a picture beside itself costs nothing") {
  HostContext context;
  VGG vgg({context}, {});
  vgg.initialise(1);
  FeatureLoss loss(vgg, {});
  Var a = random_picture(context, 1), b = random_picture(context, 2);
  LossTerms terms = loss(a, b);
  std::vector<std::string> names;
  double sum = 0;
  for (auto& [name, term] : terms.terms) {
    names.push_back(name);
    sum += term.value().item();
    CHECK(term.value().item() > 0);
  }
  CHECK(names == std::vector<std::string>{"pixel", "feat_0", "feat_1", "feat_2", "gram_0", "gram_1", "gram_2"});
  CHECK(terms.total.value().item() == doctest::Approx(sum));
  CHECK(loss(a, a).total.value().item() == 0);
}

TEST_CASE("feature_loss: Wasserstein terms in place of the Gram terms, as DeOldify has them") {
  HostContext context;
  VGG vgg({context}, {});
  vgg.initialise(1);
  FeatureLoss loss(vgg, {.gram_weight = 0, .wasserstein_weights = {3, 0.7, 0.01}});
  std::vector<std::string> names;
  for (auto& [name, term] : loss(random_picture(context, 1), random_picture(context, 2)).terms) names.push_back(name);
  CHECK(names == std::vector<std::string>{"pixel", "feat_0", "feat_1", "feat_2", "wass_0", "wass_1", "wass_2"});
  CHECK_THROWS_WITH_AS(FeatureLoss(vgg, {.wasserstein_weights = {3}}), "wasserstein_weights has 1 numbers, expected 3",
                       UsageError);
}

TEST_CASE("feature_loss: the judge is frozen, the prediction gets a gradient, the target none") {
  HostContext context;
  VGG vgg({context}, {});
  vgg.initialise(1);
  FeatureLoss loss(vgg, {});
  Var a = random_picture(context, 1), b = random_picture(context, 2);
  Tape tape;
  Recording recording(tape);
  tape.backward(loss(a, b).total);
  CHECK(a.gradient().defined());
  for (auto& [name, parameter] : vgg.parameters()) CHECK_FALSE(parameter->trainable());
}
