// One thread per 16 bytes of the sum (kernels/device/pixels.h); operands are repeated by their steps
// (kernels/reduce/broadcast.cuh).
// Per element: 12 bytes (bf16: 6), less where an operand is repeated; one addition. Bound: memory bandwidth.
#include "kernels/linalg/add.h"

#include "kernels/reduce/broadcast.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Add {
  __device__ float operator()(float a, float b) const { return a + b; }
};
struct AddRelu {
  __device__ float operator()(float a, float b) const { return a + b < 0 ? 0.0f : a + b; }
};

void forward(Context& context, ConstView a, ConstView b, View y) { map(context, y, Add{}, a, b); }
void forward_relu(Context& context, ConstView a, ConstView b, View y) { map(context, y, AddRelu{}, a, b); }

void forward_broadcast(Context& context, ConstView a, ConstView b, View y) {
  Shape expected = broadcast_shape("add", a.shape, b.shape);
  if (y.shape != expected || a.dtype != y.dtype || b.dtype != y.dtype) {
    throw ShapeError("add of {} {} and {} {} cannot give {} {}", name_of(a.dtype), a.shape.text(), name_of(b.dtype),
                     b.shape.text(), name_of(y.dtype), y.shape.text());
  }
  visit_storage("add", y.dtype, [&]<class T>(T) {
    map_broadcast<T>(context, y, Add{}, operand_of<T>(a, broadcast_steps(a, y.shape)),
                     operand_of<T>(b, broadcast_steps(b, y.shape)));
  });
}

const Implementation forward_here{add_forward, Device::CUUNET_TARGET, forward};
const Implementation relu_here{add_relu_forward, Device::CUUNET_TARGET, forward_relu};
const Implementation broadcast_here{add_broadcast, Device::CUUNET_TARGET, forward_broadcast};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
