// The results of a forward and a backward pass under the names that cases give them.
#pragma once

#include "tools/verify/unet/unet.h"

namespace cuunet {

struct PassResults {
  const Var& input;
  const Var& output;
  Module& network;
};

// Everything the case expects of: output, input_grad, grad/<parameter>, buffer/<buffer>. Error: a name that is none of
// these, or a gradient that did not arrive.
void compare_results(UnetCase&, const PassResults&);

// The names of all tensors the case expects, whole or by probes.
std::vector<std::string> expected_tensors(const Case&);

// Numbers the case states under "scalars", each with its own tolerance.
Tolerance scalar_tolerance(const Case&, const std::string& scalar);

}  // namespace cuunet
