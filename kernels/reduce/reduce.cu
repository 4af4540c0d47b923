// Sums that keep the stored last dimension: a thread stays with 16 bytes of channels and takes every n-th row of its
// block. Sums over it: a few lanes of a warp, or blocks, per result. Partials are in double, added in order.
// Per element of x: 4 bytes (bf16: 2) read, or written in broadcast; one addition in double. Bound: memory bandwidth.
#include "kernels/reduce/reduce.h"

#include "kernels/device/copy.h"
#include "kernels/reduce/broadcast.cuh"
#include "kernels/reduce/channel_tiles.cuh"
#include "kernels/reduce/element_sum.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

// An index over some of the stored outer dimensions, the others having size 1, and where each step leads.
struct Digits {
  int size[3];
  int64_t step[3];

  __device__ __forceinline__ int64_t offset(int i) const {
    int i2 = i % size[2], i1 = i / size[2] % size[1], i0 = i / size[2] / size[1];
    return i0 * step[0] + i1 * step[1] + i2 * step[2];
  }
  int64_t count() const { return int64_t{size[0]} * size[1] * size[2]; }
};

struct Sums {
  Digits kept, summed;  // in x
  Digits result;        // the kept ones in y
  int kept_count, summed_count, width;
  int64_t step;     // of the last dimension in y
  int parts;        // into which the rows or elements of each sum are split
  int part_length;  // rows or elements
};

template <int pack>
struct ColumnShared {
  double sum[tile_threads][pack];
};

// partials[kept][part][channel]
template <class T, int pack>
__global__ void __launch_bounds__(tile_threads) column_sums_kernel(Sums s, int columns, const T* x, double* partials) {
  auto& shared = block_shared<ColumnShared<pack>>();
  int lane = static_cast<int>(threadIdx.x) / columns, column = static_cast<int>(threadIdx.x) % columns;
  int first = (static_cast<int>(blockIdx.y) * columns + column) * pack, lanes = tile_threads / columns;
  int begin = static_cast<int>(blockIdx.x) * s.part_length, end = min(begin + s.part_length, s.summed_count);
  for (int k = static_cast<int>(blockIdx.z); k < s.kept_count; k += static_cast<int>(gridDim.z)) {
    const T* from = x + s.kept.offset(k);
    double sum[pack] = {};
    for (int row = begin + lane; row < end; row += lanes) {
      float values[pack];
      load_channels<pack>(from + s.summed.offset(row), first, s.width, values);
#pragma unroll
      for (int e = 0; e < pack; ++e) sum[e] += static_cast<double>(values[e]);
    }
#pragma unroll
    for (int e = 0; e < pack; ++e) shared.sum[threadIdx.x][e] = sum[e];
    __syncthreads();
    for (int i = static_cast<int>(threadIdx.x); i < columns * pack; i += tile_threads) {
      int c = (static_cast<int>(blockIdx.y) * columns + i / pack) * pack + i % pack;
      if (c >= s.width) continue;
      double all = 0;
      for (int slot = i / pack; slot < tile_threads; slot += columns) all += shared.sum[slot][i % pack];
      partials[(int64_t{k} * s.parts + static_cast<int>(blockIdx.x)) * s.width + c] = all;
    }
    __syncthreads();
  }
}

struct MergeShared {
  double sum[merge_lanes][merge_channels];
};

template <class T>
__global__ void __launch_bounds__(merge_channels* merge_lanes)
    merge_columns_kernel(Sums s, const double* partials, double scale, T* y) {
  auto& shared = block_shared<MergeShared>();
  int lane = static_cast<int>(threadIdx.x) / merge_channels, column = static_cast<int>(threadIdx.x) % merge_channels;
  int c = static_cast<int>(blockIdx.x) * merge_channels + column;
  for (int k = static_cast<int>(blockIdx.y); k < s.kept_count; k += static_cast<int>(gridDim.y)) {
    double all = 0;
    for (int b = lane; b < s.parts && c < s.width; b += merge_lanes) {
      all += partials[(int64_t{k} * s.parts + b) * s.width + c];
    }
    shared.sum[lane][column] = all;
    __syncthreads();
    if (lane == 0 && c < s.width) {
      for (int l = 1; l < merge_lanes; ++l) all += shared.sum[l][column];
      y[s.result.offset(k) + c * s.step] = from_float<T>(static_cast<float>(scale * all));
    }
    __syncthreads();
  }
}

// Element i of the sum with offset `kept`.
template <class T>
__device__ __forceinline__ double element(const Sums& s, const T* kept, int i) {
  return static_cast<double>(to_float(kept[s.summed.offset(i / s.width) + i % s.width]));
}

// `lanes` neighbours of a warp per sum.
template <class T, class To>
__global__ void __launch_bounds__(256) short_sums_kernel(Sums s, int lanes, const T* x, double scale, To* y) {
  int thread = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x), k = thread / lanes;
  double sum = 0;
  for (int i = thread % lanes; i < s.part_length && k < s.kept_count; i += lanes) {
    sum += element(s, x + s.kept.offset(k), i);
  }
  for (int distance = lanes / 2; distance > 0; distance /= 2) {
    sum += __shfl_down_sync(all_lanes, sum, static_cast<unsigned>(distance));
  }
  if (thread % lanes == 0 && k < s.kept_count) y[s.result.offset(k)] = from_float<To>(static_cast<float>(scale * sum));
}

// partials[kept][part], a block each
template <class T>
__global__ void __launch_bounds__(sum_threads) long_sums_kernel(Sums s, const T* x, double* partials) {
  int k = static_cast<int>(blockIdx.x) / s.parts, part = static_cast<int>(blockIdx.x) % s.parts;
  const T* from = x + s.kept.offset(k);
  int begin = part * s.part_length, end = min(begin + s.part_length, s.summed_count * s.width);
  double sum = 0;
  for (int i = begin + static_cast<int>(threadIdx.x); i < end; i += sum_threads) sum += element(s, from, i);
  sum = block_sum(sum);
  if (threadIdx.x == 0) partials[blockIdx.x] = sum;
}

template <class To>
__global__ void __launch_bounds__(sum_threads) merge_parts_kernel(Sums s, const double* partials, double scale, To* y) {
  double sum = 0;
  for (int i = static_cast<int>(threadIdx.x); i < s.parts; i += sum_threads) {
    sum += partials[int64_t{blockIdx.x} * s.parts + i];
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) {
    y[s.result.offset(static_cast<int>(blockIdx.x))] = from_float<To>(static_cast<float>(scale * sum));
  }
}

// Which stored dimensions are summed; the last one last.
using Where = std::array<int64_t, 4>;

Where summed_where(const Shape& x, unsigned dims) {
  Where logical{};
  for (size_t d = 0; d < 4; ++d) logical[d] = dims >> d & 1;
  return stored_order(logical, x.rank(), 0);
}

Sums plan_of(ConstView x, ConstView y, const Where& summed, unsigned dims) {
  Axes axes = axes_of(x.shape);
  Axes::Steps from = steps_of(x), to = reduced_steps(x, y, dims);
  Sums s{};
  for (size_t d = 0; d < 3; ++d) {
    int size = static_cast<int>(count_32(axes.size[d]));
    s.kept.size[d] = s.result.size[d] = summed[d] != 0 ? 1 : size;
    s.summed.size[d] = summed[d] != 0 ? size : 1;
    s.kept.step[d] = s.summed.step[d] = from[d];
    s.result.step[d] = to[d];
  }
  s.kept_count = static_cast<int>(count_32(s.kept.count()));
  s.summed_count = static_cast<int>(count_32(s.summed.count()));
  s.width = static_cast<int>(count_32(axes.size[3]));
  s.step = to[3];
  return s;
}

constexpr int most_parts = 512, most_planes = 65535;

int ceiling(int64_t count, int64_t per) { return static_cast<int>((count + per - 1) / per); }

template <class T, class To>
void sum_columns(Context& context, ConstView x, View y, Sums s, double scale) {
  auto run = [&]<int pack>(std::integral_constant<int, pack>) {
    int columns = 1, packs_per_row = ceiling(s.width, pack);
    while (columns < 32 && columns < packs_per_row) columns *= 2;
    int groups = ceiling(packs_per_row, columns), planes = std::min(s.kept_count, most_planes);
    int target = std::max(1, most_parts / std::min(groups * planes, most_parts));
    s.part_length = std::max(ceiling(s.summed_count, target), 4 * tile_threads / columns);
    s.parts = std::max(1, ceiling(s.summed_count, s.part_length));
    Workspace partials(context, static_cast<size_t>(int64_t{s.kept_count} * s.parts * s.width) * sizeof(double));
    dim3 grid(static_cast<unsigned>(s.parts), static_cast<unsigned>(groups), static_cast<unsigned>(planes));
    launch<column_sums_kernel<T, pack>>({grid, tile_threads, 0, stream_of(context)}, s, columns, x.as<T>(),
                                        partials.as<double>());
    launch<merge_columns_kernel<To>>(
        {merge_blocks(s.width, planes), merge_channels * merge_lanes, 0, stream_of(context)}, s, partials.as<double>(),
        scale, y.as<To>());
  };
  bool aligned = packs(x) && (x.shape.rank() == 4 || s.width % pack_size<T> == 0);
  if (aligned)
    run(std::integral_constant<int, pack_size<T>>{});
  else
    run(std::integral_constant<int, 1>{});
}

template <class T, class To>
void sum_elements(Context& context, ConstView x, View y, Sums s, double scale) {
  int64_t length = count_32(int64_t{s.summed_count} * s.width);
  if (length <= 1024) {
    int lanes = 1;
    while (lanes < 32 && lanes < length) lanes *= 2;
    s.part_length = static_cast<int>(length);
    launch<short_sums_kernel<T, To>>({block_count(int64_t{s.kept_count} * lanes, 256), 256, 0, stream_of(context)}, s,
                                     lanes, x.as<T>(), scale, y.as<To>());
    return;
  }
  int target = std::max(1, most_parts / std::min(s.kept_count, most_parts));
  s.part_length = std::max(ceiling(length, target), 4 * sum_threads);
  s.parts = ceiling(length, s.part_length);
  unsigned blocks = count_32(int64_t{s.kept_count} * s.parts);
  Workspace partials(context, blocks * sizeof(double));
  launch<long_sums_kernel<T>>({blocks, sum_threads, 0, stream_of(context)}, s, x.as<T>(), partials.as<double>());
  launch<merge_parts_kernel<To>>({static_cast<unsigned>(s.kept_count), sum_threads, 0, stream_of(context)}, s,
                                 partials.as<double>(), scale, y.as<To>());
}

void sum(Context& context, ConstView x, View y, ReducedDims r) {
  require_reduced("reduce_sum", x, y, r.dims);
  Where summed = summed_where(x.shape, r.dims);
  Sums s = plan_of(x, y, summed, r.dims);
  if (y.elements() > 0) {
    visit_storage("reduce_sum", x.dtype, [&]<class T>(T) {
      visit_storage("reduce_sum", y.dtype, [&]<class To>(To) {
        if (summed[3] != 0)
          sum_elements<T, To>(context, x, y, s, r.scale);
        else
          sum_columns<T, To>(context, x, y, s, r.scale);
      });
    });
  }
  zero_pad_lanes(context, y);
}

struct Scale {
  float factor;
  __device__ float operator()(float y) const { return factor * y; }
};

void repeat(Context& context, ConstView y, View x, ReducedDims r) {
  if (x.empty()) return;
  require_reduced("broadcast", x, y, r.dims);
  Scale scale{static_cast<float>(r.scale)};
  visit_storage("broadcast", y.dtype, [&]<class From>(From) {
    visit_storage("broadcast", x.dtype, [&]<class To>(To) {
      map_broadcast<To>(context, x, scale, operand_of<From>(y, reduced_steps(x, y, r.dims)));
    });
  });
}

const Implementation sum_here{reduce_sum, Device::CUUNET_TARGET, sum};
const Implementation broadcast_here{broadcast, Device::CUUNET_TARGET, repeat};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
