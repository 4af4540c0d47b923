#include "tools/verify/deoldify/deoldify.h"

#include "tools/verify/network_results.h"

#include <map>

namespace cuunet {
namespace {

using Json = nlohmann::json;

constexpr CaseRunner runners[] = {
    {"manifest_", run_deoldify_manifest},
    {"attention_", run_deoldify_module},
    {"res_block_", run_deoldify_module},
    {"upsample_", run_deoldify_module},
    {"block_", run_deoldify_module},
    {"deep_", run_deoldify_generator},
    {"wide_", run_deoldify_generator},
    {"critic_", run_deoldify_critic},
    {"loss_", run_deoldify_loss},
    {"pipeline_", run_deoldify_pipeline},
    {"", not_built_yet},
};

bool is_batch_count(const Json& entry) { return entry.at("key").get<std::string>().ends_with("num_batches_tracked"); }

}  // namespace

void run_deoldify_case(Context& context, const Case& which, const VerifyOptions& options, Comparison& comparison) {
  run_network_case(runners, {.context = context, .definition = which, .options = options, .comparison = comparison});
}

std::vector<Case::Listed> listed_in_deoldify_case(const Case& which, const VerifyOptions&) {
  const Json& json = which.json();
  std::vector<Case::Listed> all = which.listed();
  if (json.contains("parameters")) all.push_back({"parameters", 1});
  for (const Json& entry : json.value("entries", Json::array())) {
    all.push_back({"entries", 1});
    if (entry.contains("group")) all.push_back({"groups", 2});
  }
  for (const Json& entry : json.value("state", Json::array())) all.push_back({"state", is_batch_count(entry) ? 0 : 1});
  if (json.contains("exact")) all.push_back({"exact", static_cast<int64_t>(json["exact"].size())});
  return all;
}

void compare_sigmas(NetworkCase& run, const std::string& group, Module& network) {
  std::map<std::string, std::vector<double>> values;
  for (const StateEntry& entry : network.state()) {
    if (entry.name.ends_with("weight_orig") || entry.name.ends_with("weight_u") || entry.name.ends_with("weight_v")) {
      values.emplace(entry.name, entry.value.to_host());
    }
  }
  const Json scalars = run.definition.json().value("scalars", Json::object());
  for (const auto& [name, expected] : scalars.items()) {
    if (!name.starts_with(group + "/")) continue;
    std::string layer = name.substr(group.size() + 1) + ".weight_";
    if (!values.contains(layer + "orig")) throw Error("the network has no spectral norm '{}'", layer);
    const auto &w = values[layer + "orig"], &u = values[layer + "u"], &v = values[layer + "v"];
    double sigma = 0;
    for (size_t i = 0; i < w.size(); ++i) sigma += u[i / v.size()] * w[i] * v[i % v.size()];
    compare_scalar(run, name, sigma);
  }
}

}  // namespace cuunet
