#include "autograd/ops/activation.h"

#include "tools/verify/operators/operators.h"

namespace cuunet {

void run_relu(CaseRun& run) { run.result(relu(run.input("input"))); }

}  // namespace cuunet
