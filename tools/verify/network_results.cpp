#include "tools/verify/network_results.h"

#include "kernels/device/error.h"

#include <algorithm>
#include <set>

namespace cuunet {
namespace {

using Json = nlohmann::json;

const Tensor& gradient_of(const std::string& name, const Var& var) {
  if (!var.gradient().defined()) throw Error("no gradient arrived at '{}'", name);
  return var.gradient();
}

// grad/<parameter>, buffer/<buffer> or after/<buffer>.
Tensor named_result(const std::string& name, std::map<std::string, StateEntry>& state) {
  size_t slash = name.find('/');
  std::string kind = name.substr(0, slash);
  auto entry = state.find(slash == std::string::npos ? "" : name.substr(slash + 1));
  if (entry == state.end()) throw Error("the network has no '{}'", name);
  if (kind == "buffer" || kind == "after") return entry->second.value;
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
  const Json& json = which.json();
  if (json.contains("scalar_tolerance")) {
    const Json& tolerance = json["scalar_tolerance"].at(scalar);
    if (tolerance.is_number()) return {.absolute = tolerance.get<double>()};
    return {.relative = tolerance.at("rtol").get<double>()};
  }
  const Json& all = json.at("tolerance");
  std::string own = "scalars/" + scalar, group = "scalars/" + scalar.substr(0, scalar.find('/'));
  const Json& tolerance = all.contains(own) ? all[own] : all.at(group);
  return {.absolute = tolerance.at("atol").get<double>(), .relative = tolerance.at("rtol").get<double>()};
}

void compare_scalar(NetworkCase& run, const std::string& name, double found) {
  run.comparison.scalar(name, found, run.at("scalars").at(name), scalar_tolerance(run.definition, name));
}

void compare_results(NetworkCase& run, const PassResults& pass) {
  std::map<std::string, StateEntry> state;
  for (const StateEntry& entry : pass.network.state()) state.emplace(entry.name, entry);
  for (const std::string& name : expected_tensors(run.definition)) {
    if (name.starts_with("act/")) continue;
    auto input = pass.inputs.find(name == "input_grad" ? "input" : name.substr(name.find('/') + 1));
    if (name == "output")
      run.comparison.tensor(name, pass.output.value());
    else if (input != pass.inputs.end())
      run.comparison.tensor(name, gradient_of(name, input->second));
    else
      run.comparison.tensor(name, named_result(name, state));
  }
}

ActivationComparison::ActivationComparison(NetworkCase& run)
    : run_(run),
      tensors_(expected_tensors(run.definition)),
      shapes_(run.definition.json().value("activation_shapes", Json::object())),
      observer_([this](const Module& module, const Var& output) { see(module, output.value()); }) {}

void ActivationComparison::see(const Module& module, const Tensor& output) {
  std::string name = "act/" + module.path();
  if (std::find(tensors_.begin(), tensors_.end(), name) != tensors_.end()) run_.comparison.tensor(name, output);
  if (!shapes_.contains(name)) return;
  std::string expected = Shape(shapes_[name].get<std::vector<int64_t>>()).text(), found = output.shape().text();
  run_.comparison.fact("activation_shapes", found == expected,
                       fmt::format("{}: expected {}, got {}", name, expected, found));
}

}  // namespace cuunet
