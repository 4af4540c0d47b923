#include "weights/export/onnx_trace.h"

#include "kernels/device/error.h"

#include <algorithm>

namespace cuunet {

OnnxTrace::OnnxTrace(OnnxGraph& graph)
    : graph_(graph),
      operators_([this](const OperatorCall& call) { see(call); }),
      steps_([](const Module&, const Var&) {}) {}

void OnnxTrace::input(const Var& x, const std::string& name) { values_.push_back({x.value(), name}); }

// From the end: an operator mostly takes what was made just before.
const OnnxTrace::Value* OnnxTrace::find(const std::vector<Value>& values, const Tensor& tensor) const {
  View wanted = tensor.view();
  auto same = [&](const Value& value) {
    View view = value.tensor.view();
    return view.data == wanted.data && view.shape == wanted.shape && view.pixel_stride == wanted.pixel_stride;
  };
  auto found = std::find_if(values.rbegin(), values.rend(), same);
  return found == values.rend() ? nullptr : &*found;
}

std::string OnnxTrace::name_of(const Var& value) const {
  const Value* known = find(values_, value.value());
  if (known == nullptr) throw Error("an output {} of the network does not come from its input", value.shape().text());
  return known->name;
}

void OnnxTrace::see(const OperatorCall& call) {
  bool variable = std::any_of(call.inputs.begin(), call.inputs.end(), [this](const Var& input) {
    return input.defined() && find(values_, input.value()) != nullptr;
  });
  if (!variable) return;
  TracedCall traced(*this, call);
  std::string name = write_onnx_operator(call.name, traced);
  values_.push_back({call.output.value(), name});
}

std::string TracedCall::place(const char* role) {
  const std::string& layer = LayerScope::current();
  return layer.empty() ? role : layer + "." + role;
}

std::string TracedCall::in(size_t i, const char* role) {
  const Tensor& tensor = call_.inputs[i].value();
  const OnnxTrace::Value* value = trace_.find(trace_.values_, tensor);
  return value != nullptr ? value->name : constant(role, tensor);
}

std::string TracedCall::constant(const char* role, const Tensor& tensor) {
  if (const auto* known = trace_.find(trace_.constants_, tensor)) return known->name;
  std::string name = trace_.graph_.constant(place(role), tensor);
  trace_.constants_.push_back({tensor, name});
  return name;
}

}  // namespace cuunet
