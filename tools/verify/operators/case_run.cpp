#include "tools/verify/operators/case_run.h"

#include "kernels/device/error.h"

namespace cuunet {

Tensor CaseRun::tensor_of(const std::string& name, DType dtype) const {
  std::vector<int64_t> shape = case_.input_shape(name);
  return Tensor::from_host(context_, Shape(shape), dtype, case_.input_values(name));
}

Var CaseRun::made(const std::string& name, DType dtype) {
  Tensor value = tensor_of(name, dtype);
  bool differentiated = case_.json()["inputs"][name].value("grad", false);
  made_.push_back({name, differentiated ? Var::leaf(value) : Var(value)});
  return made_.back().var;
}

void CaseRun::backward(const Var& y) {
  tape_.backward(y, tensor_of("grad_output", y.dtype()));
  for (const Made& leaf : made_) {
    if (!leaf.var.requires_grad()) continue;
    if (!leaf.var.gradient().defined()) throw Error("no gradient arrived at '{}'", leaf.name);
    output("grad_" + leaf.name, leaf.var.gradient());
  }
}

void CaseRun::result(const Var& y) {
  output("y", y.value());
  if (has_input("grad_output")) backward(y);
}

void CaseRun::require_inputs_unchanged() const {
  for (const Made& input : made_) {
    if (input.var.value().to_host() == tensor_of(input.name, input.var.dtype()).to_host()) continue;
    throw Error("the input '{}' was changed", input.name);
  }
}

}  // namespace cuunet
