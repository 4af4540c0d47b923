// Sums, products with scalars, concatenation, slices and reductions.
#include "autograd/ops/arithmetic.h"

#include "autograd/ops/reduce.h"
#include "tools/verify/operators/operators.h"

namespace cuunet {

void run_add(CaseRun& run) { run.result(add(run.input("a"), run.input("b"))); }

void run_mul_scalar(CaseRun& run) {
  Var x = run.input("input");
  run.result(run.config<bool>("learned") ? mul_scalar(x, run.parameter("scalar"))
                                         : mul_scalar(x, run.config<double>("scalar")));
}

void run_concat(CaseRun& run) {
  std::vector<Var> inputs;
  while (run.has_input("input_" + std::to_string(inputs.size()))) {
    inputs.push_back(run.input("input_" + std::to_string(inputs.size())));
  }
  run.result(concat(inputs));
}

void run_slice(CaseRun& run) {
  auto pairs = run.config<std::array<std::array<int64_t, 2>, 4>>("ranges");
  std::array<Range, 4> ranges;
  for (size_t i = 0; i < 4; ++i) ranges[i] = {pairs[i][0], pairs[i][1]};
  run.result(slice(run.input("input"), ranges));
}

void run_reduce(CaseRun& run) {
  std::vector<int> dims;
  const nlohmann::json& listed = run.definition().json().at("config").at("dims");
  if (!listed.is_null()) dims = listed.get<std::vector<int>>();
  bool keepdim = run.config<bool>("keepdim");
  Var x = run.input("input");
  run.result(run.config<std::string>("kind") == "mean" ? mean(x, dims, keepdim) : sum(x, dims, keepdim));
}

}  // namespace cuunet
