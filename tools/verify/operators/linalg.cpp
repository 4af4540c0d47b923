// Products of matrices, softmax and Gram matrices.
#include "autograd/ops/linalg.h"

#include "autograd/ops/attention.h"
#include "tools/verify/operators/operators.h"

namespace cuunet {

void run_matmul(CaseRun& run) {
  MatmulParams params{.transpose_a = run.config<bool>("transpose_a"), .transpose_b = run.config<bool>("transpose_b")};
  run.result(matmul(run.input("a"), run.input("b"), params));
}

void run_linear(CaseRun& run) {
  run.result(linear(run.input("input"), run.parameter("weight"), run.optional_parameter("bias")));
}

void run_softmax(CaseRun& run) { run.result(softmax(run.input("input"), run.config<int>("dim"))); }
void run_gram(CaseRun& run) { run.result(gram(run.input("input"))); }

}  // namespace cuunet
