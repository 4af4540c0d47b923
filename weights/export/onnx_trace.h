// A network's forward pass as an ONNX graph: the operators are seen as they are computed, and each is written down as
// what it does to any size.
//
// Values are told apart by their memory, which is kept for as long as the trace lives. What comes from no input is a
// constant, with the values it had: weight norm, spectral norm and folded batch norms leave plain weights behind.
#pragma once

#include "autograd/tape/operator_observer.h"
#include "layers/module/module.h"
#include "weights/export/onnx_graph.h"

namespace cuunet {

class OnnxTrace {
 public:
  explicit OnnxTrace(OnnxGraph& graph);

  // Before the forward pass: `x` is an input of the graph that has this name there.
  void input(const Var& x, const std::string& name);
  // After it: the name that a value has in the graph.
  std::string name_of(const Var& value) const;

 private:
  friend class TracedCall;
  struct Value {
    Tensor tensor;
    std::string name;
  };
  const Value* find(const std::vector<Value>& values, const Tensor& tensor) const;
  void see(const OperatorCall& call);

  OnnxGraph& graph_;
  std::vector<Value> values_, constants_;
  OperatorObserver operators_;
  ForwardObserver steps_;  // its presence keeps layers from taking several operators in one pass
};

// One operator on its way into the graph.
class TracedCall {
 public:
  TracedCall(OnnxTrace& trace, const OperatorCall& call) : trace_(trace), call_(call) {}

  size_t inputs() const { return call_.inputs.size(); }
  bool has(size_t i) const { return i < inputs() && call_.inputs[i].defined(); }
  const Shape& shape(size_t i) const { return call_.inputs[i].shape(); }
  std::string in(size_t i, const char* role = "constant");  // a value; or a constant, called by its role in the layer
  std::string constant(const char* role, const Tensor& tensor);
  template <class Number>
  std::string constant(const char* role, const std::vector<Number>& values) {
    return trace_.graph_.constant(place(role), values);
  }
  template <class Parameters>
  const Parameters& parameters() const {
    return std::any_cast<const Parameters&>(call_.parameters);
  }
  std::string node(const char* operation, const std::vector<std::string>& inputs,
                   const std::vector<OnnxAttribute>& attributes = {}) {
    return trace_.graph_.node(LayerScope::current(), operation, inputs, attributes);
  }

 private:
  static std::string place(const char* role);

  OnnxTrace& trace_;
  const OperatorCall& call_;
};

// Writes a call down and returns the name of its result. Error: an operator that has no equal in ONNX here.
std::string write_onnx_operator(const char* name, TracedCall& call);

}  // namespace cuunet
