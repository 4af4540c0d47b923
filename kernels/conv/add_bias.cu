// One thread per 16 bytes of a pixel, or per element where a slice starts unaligned.
// Per element: 8 bytes (bf16: 4), y read and written, the bias from the cache; two operations. Bound: memory bandwidth.
#include "kernels/conv/add_bias.h"

#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {
namespace {

template <class T, int pack>
__global__ void __launch_bounds__(256) add_bias_kernel(MapShape shape, const float* bias, Rows<T> y, bool relu) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= shape.count) return;
  unsigned row = i / shape.packs_per_row;
  int first = static_cast<int>(i % shape.packs_per_row) * pack;
  float values[pack];
  load_channels<pack>(y.at(row, 0), first, shape.columns, values);
#pragma unroll
  for (int e = 0; e < pack; ++e) {
    if (bias != nullptr && first + e < shape.columns) values[e] += bias[first + e];
    if (relu && values[e] < 0) values[e] = 0.0f;
  }
  store_channels<pack>(y.at(row, 0), first, shape.columns, shape.lanes, values);
}

void forward(Context& context, ConstView bias, View y, bool relu) {
  if (!bias.empty() && (bias.dtype != DType::f32 || bias.elements() != y.c())) {
    throw ShapeError("add_bias expects a bias of [{}] f32, got {} {}", y.c(), bias.shape.text(), name_of(bias.dtype));
  }
  if (y.elements() == 0 || (bias.empty() && !relu)) return;
  with_pack("add_bias", y.dtype, packs(y), [&]<class T, int pack>(T, std::integral_constant<int, pack>) {
    MapShape shape = map_shape(y, y.lanes, pack);
    launch<add_bias_kernel<T, pack>>({block_count(shape.count, 256), 256, 0, stream_of(context)}, shape,
                                     bias.as<float>(), rows_of<T>(y), relu);
  });
}

const Implementation forward_here{add_bias, Device::CUUNET_TARGET, forward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
