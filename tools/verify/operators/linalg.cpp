// Products of matrices, softmax, self-attention and Gram matrices.
#include "autograd/ops/linalg.h"

#include "autograd/ops/attention.h"
#include "autograd/ops/conv.h"
#include "autograd/ops/shape.h"
#include "tools/verify/operators/operators.h"

namespace cuunet {
namespace {

// The matrix that self_attention goes through block by block and does not keep: softmax(queryᵀ · key) over the query.
Tensor attention_of(const Var& x, const Var& query_weight, const Var& key_weight) {
  NoGrad no_grad;
  Var flat = reshape(x, {x.shape()[0], x.shape()[1], x.shape()[2] * x.shape()[3]});
  Var query = conv1d(flat, query_weight, Var()), key = conv1d(flat, key_weight, Var());
  return softmax(matmul(query, key, {.transpose_a = true}), 1).value();
}

}  // namespace

void run_matmul(CaseRun& run) {
  MatmulParams params{.transpose_a = run.config<bool>("transpose_a"), .transpose_b = run.config<bool>("transpose_b")};
  run.result(matmul(run.input("a"), run.input("b"), params));
}

void run_linear(CaseRun& run) {
  run.result(linear(run.input("input"), run.parameter("weight"), run.optional_parameter("bias")));
}

void run_softmax(CaseRun& run) { run.result(softmax(run.input("input"), run.config<int>("dim"))); }

void run_self_attention(CaseRun& run) {
  Var x = run.input("input"), query = run.parameter("query_weight"), key = run.parameter("key_weight");
  run.output("attention", attention_of(x, query, key));
  run.result(self_attention(x, query, key, run.parameter("value_weight"), run.parameter("gamma")));
}

void run_gram(CaseRun& run) { run.result(gram(run.input("input"))); }

}  // namespace cuunet
