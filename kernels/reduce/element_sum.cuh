// result = scale · Σ f(x, z) over all elements of two views, in double: at most 512 blocks of fixed share, added in
// order by a second kernel.
// Per element: 8 bytes (bf16: 4); f and an addition in double. Bound: memory bandwidth; on GPUs with few double units
// the additions.
#pragma once

#include "kernels/device/block_sum.cuh"
#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {

constexpr int most_sum_blocks = 512;

// Every thread sees at least four packs or elements, up to the largest grid.
inline unsigned sum_blocks(unsigned count) {
  return min(block_count(max(count, 1u), 4 * sum_threads), static_cast<unsigned>(most_sum_blocks));
}

template <class T, int pack, class Function>
__global__ void __launch_bounds__(sum_threads)
    element_sum_kernel(MapShape shape, Rows<const T> x, Rows<const T> z, Function f, double* partials) {
  double sum = 0;
  for (unsigned i = blockIdx.x * sum_threads + threadIdx.x; i < shape.count; i += gridDim.x * sum_threads) {
    int64_t row = i / shape.packs_per_row;
    int first = static_cast<int>(i % shape.packs_per_row) * pack;
    float a[pack], b[pack];
    load_channels<pack>(x.at(row, 0), first, shape.columns, a);
    load_channels<pack>(z.at(row, 0), first, shape.columns, b);
#pragma unroll
    for (int e = 0; e < pack; ++e) {
      if (first + e < shape.columns) sum += f(a[e], b[e]);
    }
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) partials[blockIdx.x] = sum;
}

template <class Result>
__global__ void __launch_bounds__(sum_threads)
    merge_sums_kernel(const double* partials, int count, double scale, Result* result) {
  double sum = 0;
  for (int i = static_cast<int>(threadIdx.x); i < count; i += sum_threads) sum += partials[i];
  sum = block_sum(sum);
  if (threadIdx.x == 0) *result = static_cast<Result>(scale * sum);
}

template <class Function>
void element_sum(Context& context, ConstView x, ConstView z, const Function& f, double scale, float* result) {
  if (x.shape != z.shape || x.dtype != z.dtype) {
    throw ShapeError("a sum over elements expects {} {}, got {} {}", name_of(x.dtype), x.shape.text(), name_of(z.dtype),
                     z.shape.text());
  }
  bool packed = packs(x) && packs(z);
  with_pack("a sum over elements", x.dtype, packed, [&]<class T, int pack>(T, std::integral_constant<int, pack>) {
    MapShape shape = map_shape(x, x.columns(), pack);
    unsigned blocks = sum_blocks(shape.count);
    Workspace partials(context, blocks * sizeof(double));
    launch<element_sum_kernel<T, pack, Function>>({blocks, sum_threads, 0, stream_of(context)}, shape, rows_of<T>(x),
                                                  rows_of<T>(z), f, partials.as<double>());
    launch<merge_sums_kernel<float>>({1, sum_threads, 0, stream_of(context)}, partials.as<double>(),
                                     static_cast<int>(blocks), scale, result);
  });
}

}  // namespace cuunet::CUUNET_TARGET
