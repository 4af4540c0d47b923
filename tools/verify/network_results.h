// The results of a forward and a backward pass under the names that cases give them.
#pragma once

#include "layers/losses/loss.h"
#include "tools/verify/network_case.h"

#include <map>

namespace cuunet {

struct PassResults {
  std::map<std::string, Var> inputs;  // whose gradients a case may ask for
  Var output;
  Module& network;
};

// Everything the case expects of: output, grad/<input> (of "input" also input_grad), grad/<parameter>, and
// buffer/<buffer> or after/<buffer>. Error: a name that is none of these, or a gradient that did not arrive.
// Activations, act/<path>, are not compared here.
void compare_results(NetworkCase&, const PassResults&);

// Every entry of a module's state dict as {key, shape, dtype, parameter}, in order, each counted as one of `facts`;
// other fields of what is expected are left to the caller. Then the number of "parameters".
void compare_state_dict(NetworkCase&, Module&, const nlohmann::json& expected, const std::string& facts);

// A loss computed on a tape, and its gradients.
LossTerms descended(const std::function<LossTerms()>& loss);

// The names of all tensors the case expects, whole or by probes.
std::vector<std::string> expected_tensors(const Case&);

// Numbers the case states under "scalars", each with its own tolerance.
Tolerance scalar_tolerance(const Case&, const std::string& scalar);
void compare_scalar(NetworkCase&, const std::string& name, double found);

// While it lives, the outputs of the modules that a case asks for as "act/<path>" are compared as they are made.
class ActivationComparison {
 public:
  explicit ActivationComparison(NetworkCase& run);

 private:
  void see(const Module& module, const Tensor& output);

  NetworkCase& run_;
  std::vector<std::string> tensors_;
  nlohmann::json shapes_;
  ForwardObserver observer_;
};

}  // namespace cuunet
