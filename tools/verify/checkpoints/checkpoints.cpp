#include "tools/verify/checkpoints/checkpoints.h"

namespace cuunet {

// Of the files that may be read or refused, only this one is read here.
bool is_good_file(const Case& one) {
  auto expected = one.json().at("expect").get<std::string>();
  return expected == "load" || expected == "load or refuse";
}

void run_checkpoint_case(Context&, const Case& one, const VerifyOptions&, Comparison& comparison) {
  if (is_good_file(one))
    run_good_file(one, comparison);
  else
    run_bad_file(one, comparison);
}

std::vector<Case::Listed> listed_in_checkpoint_case(const Case& one, const VerifyOptions&) {
  if (!is_good_file(one)) return {{"outcome", 1}, {"message", 1}, {"cost", 2}, {"no_trace", 2}};
  std::vector<Case::Listed> listed{{"number_of_tensors", 1}};
  for (const auto& tensor : one.json().at("tensors")) {
    int64_t values = tensor.contains("values") ? static_cast<int64_t>(tensor["values"].size()) : 0;
    int64_t probes = tensor.at("probes").is_null() ? 0 : 3;  // a sum with nan or 64-bit integers has none
    listed.push_back({tensor.at("probe_key").get<std::string>(), 1 + probes + values});
  }
  for (const auto& leaf : one.json().value("other_leaves", nlohmann::json::array())) {
    listed.push_back({"leaf " + leaf.at("path").dump(), 1});
  }
  return listed;
}

}  // namespace cuunet
