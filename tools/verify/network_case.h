// What a case of a network's family is run with: names made into modules' weights and inputs, results handed on.
#pragma once

#include "layers/module/module.h"
#include "tools/verify/verify.h"

#include <functional>

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

// Every parameter and buffer gets the values of its name, and a case's `prepare` is done: iterations of spectral norm.
// `key_of` gives the key to a name where they differ.
void fill_network(Module& network, const nlohmann::json& definition,
                  const std::function<std::string(const std::string&)>& key_of = std::identity());

}  // namespace cuunet
