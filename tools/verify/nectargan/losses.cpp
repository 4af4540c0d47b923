#include "autograd/ops/loss.h"
#include "kernels/device/error.h"
#include "layers/losses/perceptual_loss.h"
#include "tools/verify/nectargan/nectargan.h"
#include "tools/verify/network_results.h"

namespace cuunet {
namespace {

Var loss_named(const std::string& name, const Var& fake, const Var& real) {
  if (name == "l1") return l1_loss(fake, real);
  if (name == "mse") return mse_loss(fake, real);
  if (name == "bce") return bce_with_logits(fake, real);
  if (name == "sobel") return sobel_loss(fake, real);
  if (name == "laplacian") return laplacian_loss(fake, real);
  throw Error("no loss is called '{}'", name);
}

// "blocks.1.5.weight" has the values of "features.5.weight".
std::string torchvision_key(const std::string& name) {
  return "features" + name.substr(name.find('.', std::string("blocks.").size()));
}

void compare_features(NetworkCase& run, VGG19Slices& vgg) {
  NoGrad no_grad;
  for (const char* picture : {"fake", "real"}) {
    std::array<Var, 3> slices = vgg.slices(Var(run.input(picture)));
    for (size_t b = 0; b < slices.size(); ++b) {
      run.comparison.tensor(fmt::format("features/{}/{}", b, picture), slices[b].value());
    }
  }
}

}  // namespace

void run_nectargan_loss(NetworkCase& run) {
  std::string name = run.at("config").at("loss");
  std::optional<VGG19Slices> vgg;
  if (name == "vgg19") fill_network(vgg.emplace(run.placement()), run.definition.json(), torchvision_key);
  Var fake = Var::leaf(run.input("fake")), real(run.input("real"));
  LossTerms loss = descended([&] {
    return vgg ? PerceptualLoss(*vgg)(fake, real) : LossTerms{.total = loss_named(name, fake, real), .terms = {}};
  });
  run.comparison.tensor("grad/fake", fake.gradient());
  compare_scalar(run, "loss", loss.total.value().item());
  for (const auto& [term, value] : loss.terms) compare_scalar(run, term, value.value().item());
  if (vgg) compare_features(run, *vgg);
}

}  // namespace cuunet
