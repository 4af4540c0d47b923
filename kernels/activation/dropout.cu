// One thread per 16 bytes of a row: it draws the words of its channels (Philox, four channels per counter) and writes.
// Per element: 8 bytes (bf16: 4), x read and y written; some 25 integer operations. Bound: memory bandwidth; the draws
// come close to it in bf16.
#include "kernels/activation/dropout.h"

#include "kernels/reduce/broadcast.cuh"

#include <cmath>

namespace cuunet::CUUNET_TARGET {
namespace {

struct Draws {
  Philox philox;
  uint32_t offset, dropped;  // of the 2^24 values of a draw
  float scale;
  unsigned pixels;  // that share a draw
};

// aligned: rows start at multiples of 16 bytes.
template <class T, bool aligned>
__global__ void __launch_bounds__(256) dropout_kernel(MapShape s, Draws draws, Rows<const T> x, Rows<T> y) {
  constexpr int pack = pack_size<T>;
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= s.count) return;
  unsigned row = i / s.packs_per_row;
  int first = static_cast<int>(i % s.packs_per_row) * pack;
  uint32_t words[pack];
#pragma unroll
  for (int e = 0; e < pack; e += 4) {
    Philox::Block block = draws.philox(static_cast<uint32_t>((first + e) / 4), row / draws.pixels, draws.offset,
                                       static_cast<uint32_t>(Purpose::dropout));
#pragma unroll
    for (int w = 0; w < 4; ++w) words[e + w] = block.word[w];
  }
  auto dropped = [&](float value, uint32_t word) { return value * (word >> 8 >= draws.dropped ? draws.scale : 0.0f); };
  if constexpr (aligned) {
    float values[pack];
    load_channels<pack>(x.at(row, 0), first, s.columns, values);
#pragma unroll
    for (int e = 0; e < pack; ++e) values[e] = dropped(values[e], words[e]);
    store_channels<pack>(y.at(row, 0), first, s.columns, s.lanes, values);
  } else {
#pragma unroll
    for (int e = 0; e < pack; ++e) {
      float value[1];
      load_channels<1>(x.at(row, 0), first + e, s.columns, value);
      value[0] = dropped(value[0], words[e]);
      store_channels<1>(y.at(row, 0), first + e, s.columns, s.lanes, value);
    }
  }
}

double scale_of(double p) { return p < 1 ? 1 / (1 - p) : 0; }

void require_like(ConstView x, ConstView y) {
  if (x.shape == y.shape && x.dtype == y.dtype) return;
  throw ShapeError("dropout: expected {} {}, got {} {}", name_of(x.dtype), x.shape.text(), name_of(y.dtype),
                   y.shape.text());
}

void forward(Context& context, ConstView x, View y, const DropoutParams& params) {
  if (y.empty() || y.elements() == 0) return;
  require_dropout(params.p);
  require_like(x, y);
  if (params.per_map && x.shape.rank() != 4) throw ShapeError("dropout2d expects [N, C, H, W], got {}", x.shape.text());
  Draws draws{Philox(params.seed), params.offset, static_cast<uint32_t>(std::ceil(params.p * 0x1p24)),
              static_cast<float>(scale_of(params.p)), params.per_map ? count_32(x.h() * x.w()) : 1};
  visit_storage("dropout", x.dtype, [&]<class T>(T) {
    MapShape s = map_shape(y, lanes_of(y), pack_size<T>);
    LaunchConfig config{block_count(s.count, 256), 256, 0, stream_of(context)};
    if (packs(x) && packs(y))
      launch<dropout_kernel<T, true>>(config, s, draws, rows_of<T>(x), rows_of<T>(y));
    else
      launch<dropout_kernel<T, false>>(config, s, draws, rows_of<T>(x), rows_of<T>(y));
  });
}

struct Masked {
  float scale;
  __device__ float operator()(float x, float keep) const { return x * keep * scale; }
};

void with_mask(Context& context, ConstView x, ConstView mask, View y, double p) {
  if (y.empty()) return;
  require_dropout(p);
  require_like(x, y);
  Masked masked{static_cast<float>(scale_of(p))};
  if (mask.dtype == x.dtype && mask.shape == x.shape) return map(context, y, masked, x, mask);
  if (x.shape.rank() != 4 || mask.dtype != x.dtype || mask.shape != Shape{x.n(), x.c(), 1, 1}) {
    throw ShapeError("dropout of {} {} expects a mask of that type and shape or [N, C, 1, 1], got {} {}",
                     name_of(x.dtype), x.shape.text(), name_of(mask.dtype), mask.shape.text());
  }
  visit_storage("dropout", x.dtype, [&]<class T>(T) {
    map_broadcast<T>(context, y, masked, operand_of<T>(x, steps_of(x)),
                     operand_of<T>(mask, broadcast_steps(mask, x.shape)));
  });
}

const Implementation forward_here{dropout_forward, Device::CUUNET_TARGET, forward};
const Implementation with_mask_here{dropout_with_mask, Device::CUUNET_TARGET, with_mask};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
