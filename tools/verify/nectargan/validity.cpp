// Which sizes the generator and the discriminator take: every other one is refused, in words, before or while it is
// computed.
#include "kernels/device/error.h"
#include "layers/models/patch_gan.h"
#include "layers/models/unet_generator.h"
#include "tools/verify/nectargan/nectargan.h"

namespace cuunet {
namespace {

using Json = nlohmann::json;

Var picture(const Placement& placement, const Json& row) {
  return Var(Tensor::zeros(placement.context, {1, 3, row.at("H"), row.at("W")}, placement.dtype));
}

Shape generated(const Placement& placement, const Json& row) {
  UnetGenerator network(placement, {.input_size = row.at("input_size"),
                                    .features = row.at("features"),
                                    .downs = row.at("n_downs"),
                                    .residual = row.at("block_type") == "ResidualUnetBlock"});
  network.set_training(false);
  return network(picture(placement, row)).shape();
}

Shape scored(const Placement& placement, const Json& row) {
  PatchGAN network(placement, {.base_channels = 2, .layers = row.at("n_layers")});
  return network(picture(placement, row), picture(placement, row)).shape();
}

// The output's shape as the row states it, or "refused".
void compare_row(NetworkCase& run, const char* network, const Json& row,
                 Shape (*shape_of)(const Placement&, const Json&)) {
  std::string expected = "refused", found = "refused";
  if (row.at("result") == "ok") expected = Shape(row.at("output").get<std::vector<int64_t>>()).text();
  try {
    found = shape_of(run.placement(), row).text();
  } catch (const Error& error) {
    if (std::string(error.what()).empty()) found = "refused without a word";
  }
  run.comparison.fact(network, found == expected,
                      fmt::format("{} {}: expected {}, got {}", network, row.dump(), expected, found));
}

}  // namespace

void run_nectargan_validity(NetworkCase& run) {
  NoGrad no_grad;
  for (const Json& row : run.at("unet")) compare_row(run, "unet", row, generated);
  for (const Json& row : run.at("patchgan")) compare_row(run, "patchgan", row, scored);
}

}  // namespace cuunet
