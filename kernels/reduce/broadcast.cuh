// Element-by-element kernels whose operands are repeated along some dimensions of the result.
//
//   map_broadcast<T>(context, y, Add{}, operand_of<T>(a, steps_a), operand_of<T>(b, steps_b));
//
// One thread per 16 bytes of the result; steps are those of kernels/reduce/axes.h. y's pad lanes are written as zero.
// Per element: 4 bytes (bf16: 2) of the result and of each operand that is not repeated. Bound: memory bandwidth.
#pragma once

#include "kernels/device/pixels.h"
#include "kernels/reduce/axes.h"

namespace cuunet::CUUNET_TARGET {

// A tensor by the elements from one index to the next along the stored dimensions of the result.
template <class T>
struct Operand {
  const T* data;
  int64_t step[4];
};

template <class T>
Operand<T> operand_of(ConstView view, const Axes::Steps& steps) {
  return {view.as<T>(), {steps[0], steps[1], steps[2], steps[3]}};
}

struct BroadcastShape {
  MapShape map;
  unsigned size1, size2;  // the outer index is (i0 · size1 + i1) · size2 + i2
};

template <int pack>
struct OperandValues {
  float values[pack];

  template <class T>
  __device__ __forceinline__ OperandValues(const Operand<T>& x, const BroadcastShape& s, unsigned row, int first) {
    unsigned i2 = row % s.size2, i1 = row / s.size2 % s.size1, i0 = row / s.size2 / s.size1;
    const T* from = x.data + i0 * x.step[0] + i1 * x.step[1] + i2 * x.step[2] + first * x.step[3];
#pragma unroll
    for (int e = 0; e < pack; ++e) values[e] = first + e < s.map.columns ? to_float(from[e * x.step[3]]) : 0.0f;
  }
};

template <class To, int pack, class Function, class... From>
__global__ void __launch_bounds__(256) broadcast_kernel(BroadcastShape s, Rows<To> y, Function f, Operand<From>... x) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= s.map.count) return;
  unsigned row = i / s.map.packs_per_row;
  int first = static_cast<int>(i % s.map.packs_per_row) * pack;
  float out[pack];
  auto apply = [&](const auto&... in) {
#pragma unroll
    for (int e = 0; e < pack; ++e) out[e] = f(in.values[e]...);
  };
  apply(OperandValues<pack>(x, s, row, first)...);
  store_channels<pack>(y.at(row, 0), first, s.map.columns, s.map.lanes, out);
}

template <class To, class Function, class... From>
void map_broadcast(Context& context, View y, const Function& f, const Operand<From>&... x) {
  if (y.elements() == 0) return;
  Axes axes = axes_of(y.shape);
  bool image = y.shape.rank() == 4;
  int64_t width = axes.size[3], lanes = image ? y.lanes : width;
  Rows<To> rows{y.as<To>(), image ? y.pixel_stride : width};
  auto run = [&]<int pack>(std::integral_constant<int, pack>) {
    int64_t packs_per_row = (lanes + pack - 1) / pack;
    MapShape map{count_32(axes.outer() * packs_per_row), count_32(packs_per_row), static_cast<int>(width),
                 static_cast<int>(lanes)};
    BroadcastShape shape{map, count_32(axes.size[1]), count_32(axes.size[2])};
    launch<broadcast_kernel<To, pack, Function, From...>>({block_count(map.count, 256), 256, 0, stream_of(context)},
                                                          shape, rows, f, x...);
  };
  bool aligned = packs(y) && rows.stride * static_cast<int64_t>(sizeof(To)) % 16 == 0;
  if (aligned)
    run(std::integral_constant<int, pack_size<To>>{});
  else
    run(std::integral_constant<int, 1>{});
}

}  // namespace cuunet::CUUNET_TARGET
