#include "tools/verify/nectargan/nectargan.h"

#include "kernels/device/error.h"

#include <algorithm>

namespace cuunet {
namespace {

using Json = nlohmann::json;

constexpr CaseRunner runners[] = {
    {"manifest_", run_nectargan_manifest}, {"unet_", run_nectargan_generator},   {"patchgan_", run_nectargan_patches},
    {"loss_", run_nectargan_loss},         {"validity", run_nectargan_validity}, {"", not_built_yet},
};

}  // namespace

void run_nectargan_case(Context& context, const Case& which, const VerifyOptions& options, Comparison& comparison) {
  run_network_case(runners, {.context = context, .definition = which, .options = options, .comparison = comparison});
}

std::vector<Case::Listed> listed_in_nectargan_case(const Case& which, const VerifyOptions&) {
  const Json& json = which.json();
  std::vector<Case::Listed> all = which.listed();
  // Gradients that are roundoff alone: the original's README asks not to compare them.
  for (const Json& unstable : json.value("unstable", Json::array())) {
    std::erase_if(all, [&](const Case::Listed& one) { return one.tensor == unstable; });
  }
  for (const char* network : {"unet", "patchgan"}) {
    if (json.contains(network)) all.push_back({network, static_cast<int64_t>(json[network].size())});
  }
  if (json.contains("parameters")) all.push_back({"parameters", 1});
  if (json.contains("entries")) all.push_back({"entries", static_cast<int64_t>(json["entries"].size())});
  return all;
}

}  // namespace cuunet
