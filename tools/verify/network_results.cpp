#include "tools/verify/network_results.h"

#include "engine/tensor/dimensions.h"
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

std::string pytorch_name_of(DType dtype) {
  if (dtype == DType::f32) return "float32";
  return dtype == DType::i64 ? "int64" : name_of(dtype);
}

Json json_of(const StateEntry& entry) {
  return {{"key", entry.name},
          {"shape", dimensions_of(entry.value.shape())},
          {"dtype", pytorch_name_of(entry.value.dtype())},
          {"parameter", entry.parameter != nullptr}};
}

// Every step-th row and column of [N, C, H, W].
std::vector<double> thinned(const Tensor& tensor, int64_t step) {
  std::vector<double> values = tensor.to_host(), some;
  int64_t h = tensor.shape()[2], w = tensor.shape()[3];
  for (size_t i = 0; i < values.size(); ++i) {
    auto pixel = static_cast<int64_t>(i) % (h * w);
    if (pixel / w % step == 0 && pixel % w % step == 0) some.push_back(values[i]);
  }
  return some;
}

// "output[:,:,::4,::4]" has a step of 4, "output" one of 1.
int64_t step_of(const std::string& name) {
  size_t at = name.find("[:,:,::");
  return at == std::string::npos ? 1 : std::stoll(name.substr(at + 7));
}

}  // namespace

std::vector<std::string> expected_tensors(const Case& which) {
  std::set<std::string> names;
  for (const char* key : {"outputs", "probes"}) {
    Json tensors = which.json().value(key, Json::object());
    for (const auto& [name, value] : tensors.items()) names.insert(name);
  }
  for (const Json& unstable : which.json().value("unstable", Json::array())) names.erase(unstable);
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
  if (all.contains("atol_by_name")) return {.absolute = all["atol_by_name"].at(scalar).get<double>()};
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
    std::string whole = name.substr(0, name.find('['));
    auto input = pass.inputs.find(whole == "input_grad" ? "input" : whole.substr(whole.find('/') + 1));
    Tensor found = whole == "output"            ? pass.output.value()
                   : input != pass.inputs.end() ? gradient_of(whole, input->second)
                                                : named_result(whole, state);
    if (int64_t step = step_of(name); step > 1) {
      run.comparison.values(name, thinned(found, step), found.dtype());
    } else {
      run.comparison.tensor(name, found);
    }
  }
}

LossTerms descended(const std::function<LossTerms()>& loss) {
  Tape tape;
  LossTerms terms;
  {
    Recording recording(tape);
    terms = loss();
  }
  tape.backward(terms.total);
  return terms;
}

void compare_state_dict(NetworkCase& run, Module& module, const Json& expected, const std::string& facts) {
  std::vector<StateEntry> found = module.state();
  int64_t parameters = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    Json want, got = i < found.size() ? json_of(found[i]) : Json();
    for (const char* field : {"key", "shape", "dtype", "parameter"}) want[field] = expected[i].at(field);
    run.comparison.fact(facts, got == want && found.size() == expected.size(),
                        fmt::format("entry {}: expected {} of {}, got {} of {}", i, want.dump(), expected.size(),
                                    got.dump(), found.size()));
  }
  for (const StateEntry& entry : found) parameters += entry.parameter != nullptr ? entry.value.elements() : 0;
  run.comparison.scalar("parameters", static_cast<double>(parameters), run.at("parameters"), Tolerance{});
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
