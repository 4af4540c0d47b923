// A value that can be differentiated: a Tensor and the slot its gradient is collected in.
#pragma once

#include "engine/tensor/tensor.h"

#include <memory>

namespace cuunet {

// Where the gradient of one Var comes together. Kept apart from the value, so that the tape does not keep values alive.
struct GradientSlot {
  Tensor gradient;    // undefined until the first contribution
  bool leaf = false;  // a parameter or an input: its gradient outlives backward()
};

class Var {
 public:
  Var() = default;
  // A constant: nothing flows into it.
  explicit Var(Tensor value) : value_(std::move(value)) {}
  // A leaf whose gradient backward() leaves in gradient(). PyTorch: x.requires_grad_()
  static Var leaf(Tensor value);

  bool defined() const { return value_.defined(); }
  const Tensor& value() const { return value_; }
  Context& context() const { return value_.context(); }
  const Shape& shape() const { return value_.shape(); }
  DType dtype() const { return value_.dtype(); }
  View view() const { return value_.view(); }

  bool requires_grad() const { return slot_ != nullptr; }
  const Tensor& gradient() const;  // undefined when none arrived
  void set_gradient(Tensor gradient);
  void clear_gradient();
  // The same value, cut off the graph. PyTorch: x.detach()
  Var detach() const { return Var(value_); }
  const std::shared_ptr<GradientSlot>& slot() const { return slot_; }

 private:
  friend class Tape;
  Tensor value_;
  std::shared_ptr<GradientSlot> slot_;
};

}  // namespace cuunet
