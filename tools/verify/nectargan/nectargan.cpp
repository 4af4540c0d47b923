#include "tools/verify/nectargan/nectargan.h"

#include "kernels/device/error.h"

#include <algorithm>

namespace cuunet {
namespace {

using Json = nlohmann::json;

struct Row {
  const char* begins;
  void (*run)(NetworkCase&);
};

constexpr Row rows[] = {
    {"manifest_", run_nectargan_manifest}, {"unet_", run_nectargan_generator},   {"patchgan_", run_nectargan_patches},
    {"loss_", run_nectargan_loss},         {"validity", run_nectargan_validity},
};

}  // namespace

void run_nectargan_case(Context& context, const Case& which, const VerifyOptions& options, Comparison& comparison) {
  NetworkCase one{.context = context, .definition = which, .options = options, .comparison = comparison};
  for (const Row& row : rows) {
    if (which.name().starts_with(row.begins)) return row.run(one);
  }
  throw Error("not built yet: no runner for case '{}'", which.name());
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
  for (size_t i = 0; i < json.value("entries", Json::array()).size(); ++i) all.push_back({"entries", 1});
  return all;
}

}  // namespace cuunet
