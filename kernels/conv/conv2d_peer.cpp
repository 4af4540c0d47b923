#include "kernels/conv/conv2d_peer.h"

namespace cuunet {
namespace {

const char* name_of(Conv2dPass pass) {
  switch (pass) {
    case Conv2dPass::forward: return "conv2d_forward";
    case Conv2dPass::backward_input: return "conv2d_backward_input";
    case Conv2dPass::backward_weight: return "conv2d_backward_weight";
  }
  return "?";
}

}  // namespace

std::string conv2d_key(Conv2dPass pass, const Context& context, ConstView x, const Shape& w, ConstView y,
                       const Conv2dParams& params) {
  bool tf32 = context.allow_tf32 && x.dtype == DType::f32;
  return fmt::format("{} {} {} {} stride {} {} {}{}{}{}", name_of(pass), tf32 ? "tf32" : name_of(x.dtype),
                     x.shape.text(), w.text(), params.stride, name_of(params.padding_mode), params.padding,
                     params.relu ? " relu" : "", x.whole() ? "" : " x slice", y.whole() ? "" : " y slice");
}

}  // namespace cuunet
