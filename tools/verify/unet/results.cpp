#include "tools/verify/unet/results.h"

#include "kernels/device/error.h"

#include <set>

namespace cuunet {
namespace {

using Json = nlohmann::json;

const Tensor& gradient_of(const std::string& name, const Var& var) {
  if (!var.gradient().defined()) throw Error("no gradient arrived at '{}'", name);
  return var.gradient();
}

// grad/<parameter> or buffer/<buffer>.
Tensor named_result(const std::string& name, std::map<std::string, StateEntry>& state) {
  size_t slash = name.find('/');
  std::string kind = name.substr(0, slash);
  auto entry = state.find(slash == std::string::npos ? "" : name.substr(slash + 1));
  if (entry == state.end()) throw Error("the network has no '{}'", name);
  if (kind == "buffer") return entry->second.value;
  if (kind != "grad" || entry->second.parameter == nullptr) throw Error("no result is called '{}'", name);
  return gradient_of(name, entry->second.parameter->var);
}

}  // namespace

std::vector<std::string> expected_tensors(const Case& which) {
  std::set<std::string> names;
  for (const char* key : {"outputs", "probes"}) {
    Json tensors = which.json().value(key, Json::object());
    for (const auto& [name, value] : tensors.items()) names.insert(name);
  }
  return {names.begin(), names.end()};
}

Tolerance scalar_tolerance(const Case& which, const std::string& scalar) {
  const Json& tolerance = which.json().at("scalar_tolerance").at(scalar);
  if (tolerance.is_number()) return {.absolute = tolerance.get<double>()};
  return {.relative = tolerance.at("rtol").get<double>()};
}

void compare_results(UnetCase& run, const PassResults& pass) {
  std::map<std::string, StateEntry> state;
  for (const StateEntry& entry : pass.network.state()) state.emplace(entry.name, entry);
  for (const std::string& name : expected_tensors(run.definition)) {
    if (name == "output")
      run.comparison.tensor(name, pass.output.value());
    else if (name == "input_grad")
      run.comparison.tensor(name, gradient_of(name, pass.input));
    else
      run.comparison.tensor(name, named_result(name, state));
  }
}

}  // namespace cuunet
