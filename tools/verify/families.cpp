#include "tools/verify/operators/operators.h"
#include "tools/verify/verify.h"

namespace cuunet {
namespace {

// One row per family. `run` computes a case through layers and autograd and hands every output to the Comparison;
// `listed` says what has to be compared, where it is more than the outputs, probes and scalars of the case.
constexpr Family families[] = {
    {.name = "ops", .run = run_operator_case, .listed = listed_in_operator_case},
};

}  // namespace

const Family* find_family(const std::string& name) {
  for (const Family& family : families) {
    if (name == family.name) return &family;
  }
  return nullptr;
}

}  // namespace cuunet
