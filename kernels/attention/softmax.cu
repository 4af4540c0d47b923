// Lines that are contiguous have a warp each; lines that run across rows are taken 32 at a time, eight threads each, so
// that neighbours read neighbours. Each thread keeps a running maximum and sum of its share (Milakov & Gimelshein
// 2018); the shares of a line are merged in order.
// Per element: 12 bytes (x read twice), backward 20 (bf16: half); two exponentials and a division, backward four
// operations. Bound: memory bandwidth.
#include "kernels/attention/softmax.h"

#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {
namespace {

constexpr int softmax_threads = 256;

// The vectors that are normalised: number `i` begins at start(i) and has `length` elements, `stride` apart.
struct Lines {
  int64_t stride, inner, outer_stride;

  Lines(ConstView x, int dim) : stride(1), inner(1), outer_stride(x.pixel_stride) {
    if (x.shape.rank() == 4) return;
    for (int i = dim + 1; i < x.shape.rank(); ++i) inner *= x.shape[i];
    stride = inner, outer_stride = x.shape[dim] * inner;
  }
  __device__ __forceinline__ int64_t start(int64_t i) const { return i / inner * outer_stride + i % inner; }
};

// Which line and which share of it a thread has.
struct Share {
  int count, length;
  int threads_per_line;  // 32: contiguous; 8: across
  int last_lane;         // lanes from the line's length up to here become zero

  __device__ __forceinline__ bool contiguous() const { return threads_per_line == 32; }
  __device__ __forceinline__ int lines_per_block() const { return softmax_threads / threads_per_line; }
  __device__ __forceinline__ int line_in_block() const {
    int t = static_cast<int>(threadIdx.x);
    return contiguous() ? t / threads_per_line : t % lines_per_block();
  }
  __device__ __forceinline__ int first() const {
    int t = static_cast<int>(threadIdx.x);
    return contiguous() ? t % threads_per_line : t / lines_per_block();
  }
  __device__ __forceinline__ int slot(int share) const {
    return contiguous() ? line_in_block() * threads_per_line + share : share * lines_per_block() + line_in_block();
  }
};

struct SoftmaxShared {
  float largest[softmax_threads], sum[softmax_threads];
};

template <class T>
__global__ void __launch_bounds__(softmax_threads) softmax_kernel(Share share, const T* x, Lines in, T* y, Lines out) {
  auto& shared = block_shared<SoftmaxShared>();
  int line = static_cast<int>(blockIdx.x) * share.lines_per_block() + share.line_in_block();
  bool mine = line < share.count;
  const T* from = x + in.start(mine ? line : 0);
  float largest = -INFINITY, sum = 0;
  for (int k = share.first(); mine && k < share.length; k += share.threads_per_line) {
    float value = to_float(from[k * in.stride]), above = fmaxf(largest, value);
    sum = value > largest ? sum * expf(largest - value) + 1.0f : sum + expf(value - largest);
    largest = above;
  }
  shared.largest[threadIdx.x] = largest;
  shared.sum[threadIdx.x] = sum;
  __syncthreads();
  if (!mine) return;
  for (int s = 0; s < share.threads_per_line; ++s) largest = fmaxf(largest, shared.largest[share.slot(s)]);
  sum = 0;
  for (int s = 0; s < share.threads_per_line; ++s) {
    if (shared.sum[share.slot(s)] != 0) {
      sum += shared.sum[share.slot(s)] * expf(shared.largest[share.slot(s)] - largest);
    }
  }
  T* to = y + out.start(line);
  for (int k = share.first(); k < share.last_lane; k += share.threads_per_line) {
    float value = k < share.length ? expf(to_float(from[k * in.stride]) - largest) / sum : 0.0f;
    to[k * out.stride] = from_float<T>(value);
  }
}

struct SumsShared {
  float sum[softmax_threads];
};

template <class T>
__global__ void __launch_bounds__(softmax_threads)
    softmax_backward_kernel(Share share, const T* y, Lines in, const T* grad_y, Lines upstream, T* grad_x, Lines out) {
  auto& shared = block_shared<SumsShared>();
  int line = static_cast<int>(blockIdx.x) * share.lines_per_block() + share.line_in_block();
  bool mine = line < share.count;
  const T *p = y + in.start(mine ? line : 0), *g = grad_y + upstream.start(mine ? line : 0);
  float sum = 0;
  for (int k = share.first(); mine && k < share.length; k += share.threads_per_line) {
    sum += to_float(p[k * in.stride]) * to_float(g[k * upstream.stride]);
  }
  shared.sum[threadIdx.x] = sum;
  __syncthreads();
  if (!mine) return;
  sum = 0;
  for (int s = 0; s < share.threads_per_line; ++s) sum += shared.sum[share.slot(s)];
  T* to = grad_x + out.start(line);
  for (int k = share.first(); k < share.last_lane; k += share.threads_per_line) {
    float value = k < share.length ? to_float(p[k * in.stride]) * (to_float(g[k * upstream.stride]) - sum) : 0.0f;
    to[k * out.stride] = from_float<T>(value);
  }
}

Share share_of(ConstView x, int dim, int64_t last_lane) {
  int64_t length = x.shape[dim], count = length > 0 ? x.elements() / length : 0;
  bool contiguous = Lines(x, dim).stride == 1;
  return {static_cast<int>(count_32(count)), static_cast<int>(length), contiguous ? 32 : 8,
          static_cast<int>(last_lane)};
}

// Where a line that is written ends.
int64_t lanes_of_line(ConstView y, int dim) { return y.shape.rank() == 4 ? y.lanes : y.shape[dim]; }

unsigned block_count_of(const Share& share) {
  return block_count(share.count, softmax_threads / share.threads_per_line);
}

void forward(Context& context, ConstView x, View y, int dim) {
  require_softmax(x.shape, dim);
  if (y.elements() == 0) return;
  Share share = share_of(x, dim, lanes_of_line(y, dim));
  visit_storage("softmax", x.dtype, [&]<class T>(T) {
    launch<softmax_kernel<T>>({block_count_of(share), softmax_threads, 0, stream_of(context)}, share, x.as<T>(),
                              Lines(x, dim), y.as<T>(), Lines(y, dim));
  });
}

void backward(Context& context, ConstView y, ConstView grad_y, View grad_x, int dim) {
  require_softmax(y.shape, dim);
  if (grad_x.elements() == 0) return;
  Share share = share_of(y, dim, lanes_of_line(grad_x, dim));
  visit_storage("softmax", y.dtype, [&]<class T>(T) {
    launch<softmax_backward_kernel<T>>({block_count_of(share), softmax_threads, 0, stream_of(context)}, share,
                                       y.as<T>(), Lines(y, dim), grad_y.as<T>(), Lines(grad_y, dim), grad_x.as<T>(),
                                       Lines(grad_x, dim));
  });
}

const Implementation forward_here{softmax_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{softmax_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
