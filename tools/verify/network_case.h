// What a case of a network's family is run with: names made into modules' weights and inputs, results handed on.
#pragma once

#include "layers/module/module.h"
#include "tools/verify/verify.h"

#include <functional>
#include <span>

namespace cuunet {

struct NetworkCase {
  Context& context;
  const Case& definition;
  const VerifyOptions& options;
  Comparison& comparison;

  const nlohmann::json& at(const char* key) const { return definition.json().at(key); }
  DType dtype() const { return options.precision; }
  Placement placement() const { return {.context = context, .dtype = dtype()}; }
  Tensor input(const std::string& name) const;
};

// What runs the cases whose names begin so; of a list the first that fits. An empty beginning fits every name.
struct CaseRunner {
  const char* begins;
  void (*run)(NetworkCase&);
};
void run_network_case(std::span<const CaseRunner>, const NetworkCase&);

// For the last row of a family that is not complete: an Error.
void not_built_yet(NetworkCase&);

// Every parameter and buffer gets the values of its name, and a case's `prepare` is done: iterations of spectral norm.
// `key_of` gives the key to a name where they differ.
void fill_network(Module& network, const nlohmann::json& definition,
                  const std::function<std::string(const std::string&)>& key_of = std::identity());

}  // namespace cuunet
