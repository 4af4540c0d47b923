#include "tools/verify/network_case.h"

#include "engine/tensor/dimensions.h"
#include "layers/nn/conv2d.h"
#include "layers/nn/self_attention.h"
#include "tools/verify/named_values.h"

#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

// {"power_iterations": n}, or in words: "before the forward pass, one power iteration …", "nothing …".
int power_iterations(const nlohmann::json& definition) {
  if (!definition.contains("prepare")) return 0;
  const nlohmann::json& prepare = definition["prepare"];
  if (prepare.is_object()) return prepare.at("power_iterations");
  auto words = prepare.get<std::string>();
  if (words.starts_with("nothing")) return 0;
  if (words.starts_with("before the forward pass, one power iteration on every spectral-norm layer")) return 1;
  throw Error("a case is to be prepared in an unknown way: '{}'", words);
}

}  // namespace

Tensor NetworkCase::input(const std::string& name) const {
  return Tensor::from_host(context, Shape(definition.input_shape(name)), dtype(), definition.input_values(name));
}

void run_network_case(std::span<const CaseRunner> runners, const NetworkCase& which) {
  NetworkCase one = which;
  for (const CaseRunner& runner : runners) {
    if (one.definition.name().starts_with(runner.begins)) return runner.run(one);
  }
  throw Error("no runner for case '{}'", one.definition.name());
}

void not_built_yet(NetworkCase& run) { throw Error("not built yet: no runner for case '{}'", run.definition.name()); }

void fill_network(Module& network, const nlohmann::json& definition,
                  const std::function<std::string(const std::string&)>& key_of) {
  int64_t salt = definition.value("salt", int64_t{0});
  for (StateEntry& entry : network.state()) {
    std::vector<float> values = parameter_values(key_of(entry.name), dimensions_of(entry.value.shape()), salt);
    entry.value.assign(std::vector<double>(values.begin(), values.end()));
  }
  int iterations = power_iterations(definition);
  network.each([&](Module& module) {
    if (auto* conv = dynamic_cast<Conv2d*>(&module)) conv->iterate_spectral_norm(iterations);
    if (auto* conv = dynamic_cast<SpectralConv1d*>(&module)) conv->iterate_spectral_norm(iterations);
  });
}

}  // namespace cuunet
