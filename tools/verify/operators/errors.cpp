// Which calls must raise, and which must not: the rows of errors.json.
#include "kernels/device/error.h"
#include "tools/verify/operators/operators.h"

namespace cuunet {

void run_error_case(Context&, const Case& which, DType, Comparison&) {
  throw Error("no runner for a call of '{}'", which.json().at("operator").get<std::string>());
}

}  // namespace cuunet
