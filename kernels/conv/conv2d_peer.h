// The passes of conv2d by a library (kernels/device/backend.h). As conv2d's operators (kernels/conv/conv2d.h), for f32
// and bf16, shapes already checked; the input gradient takes a bias per channel of grad_x (a transposed convolution's),
// the bias gradient stays ours.
#pragma once

#include "kernels/conv/conv2d.h"
#include "kernels/device/backend.h"

namespace cuunet {

struct Conv2dPeer {
  Peer<void(Context&, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams&)> forward;
  Peer<void(Context&, ConstView grad_y, ConstView w, ConstView bias, View grad_x, const Conv2dParams&)> backward_input;
  Peer<void(Context&, ConstView x, ConstView grad_y, View grad_w, const Conv2dParams&)> backward_weight;
};
inline constinit Conv2dPeer conv2d_peer{};

// What a measured choice between both is kept under: all that their time depends on. x, y: or their gradients
std::string conv2d_key(Conv2dPass, const Context&, ConstView x, const Shape& w, ConstView y, const Conv2dParams&);

}  // namespace cuunet
