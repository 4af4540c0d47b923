#include "autograd/tape/var.h"

#include "kernels/device/error.h"

namespace cuunet {

Var Var::leaf(Tensor value) {
  Var var(std::move(value));
  var.slot_ = std::make_shared<GradientSlot>();
  var.slot_->leaf = true;
  return var;
}

const Tensor& Var::gradient() const {
  if (!slot_) throw Error("a gradient was asked of a tensor {} that does not require one", shape().text());
  return slot_->gradient;
}

void Var::set_gradient(Tensor gradient) {
  if (!slot_) throw Error("a gradient was given to a tensor {} that does not require one", shape().text());
  slot_->gradient = std::move(gradient);
}

void Var::clear_gradient() {
  if (slot_) slot_->gradient = Tensor();
}

}  // namespace cuunet
