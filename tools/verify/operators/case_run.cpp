#include "tools/verify/operators/case_run.h"

#include "kernels/device/error.h"

namespace cuunet {

Tensor CaseRun::tensor_of(const std::string& name, DType dtype, bool rounded) const {
  std::vector<int64_t> shape = case_.input_shape(name);
  std::vector<float> values = case_.input_values(name);
  if (rounded) {
    for (float& value : values) value = static_cast<float>(bfloat16(value));
  }
  return Tensor::from_host(context_, Shape(shape), dtype, values);
}

Var CaseRun::made(const std::string& name, DType dtype, bool rounded) {
  Tensor value = tensor_of(name, dtype, rounded);
  bool differentiated = case_.json()["inputs"][name].value("grad", false);
  made_.push_back({name, differentiated ? Var::leaf(value) : Var(value), rounded});
  return made_.back().var;
}

void CaseRun::backward(const Var& y) {
  bool is_loss = y.shape().rank() == 0;  // and never bf16
  tape_.backward(y, tensor_of("grad_output", y.dtype(), operands_ == DType::bf16 && !is_loss));
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
    if (input.var.value().to_host() == tensor_of(input.name, input.var.dtype(), input.rounded).to_host()) continue;
    throw Error("the input '{}' was changed", input.name);
  }
}

}  // namespace cuunet
