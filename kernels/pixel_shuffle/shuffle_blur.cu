// One thread per result element: it gathers the up to four fine pixels of its blur window straight from x, or from
// grad_y; neighbours share them through the L1 cache.
// Per element: 8 bytes (bf16: 4), as the shuffled image never exists; four additions. Bound: memory bandwidth.
#include "kernels/pixel_shuffle/shuffle_blur.h"

#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {
namespace {

struct FineImage {
  unsigned count, lanes;        // of the result
  int height, width, channels;  // of the fine image
};

// y[a, b] = ¼ Σ x[a', b'], a' ∈ {max(a-1, 0), a}, b' alike, x being the shuffled image.
template <class T>
__global__ void __launch_bounds__(256) forward_kernel(FineImage s, Rows<const T> coarse, Rows<T> fine) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= s.count) return;
  unsigned pixel = index / s.lanes, line = pixel / static_cast<unsigned>(s.width);
  int c = static_cast<int>(index % s.lanes);
  int b = static_cast<int>(pixel % static_cast<unsigned>(s.width));
  int a = static_cast<int>(line % static_cast<unsigned>(s.height));
  int64_t image = int64_t{line / static_cast<unsigned>(s.height)} * (s.height / 2) * (s.width / 2);
  float sum = 0;
  for (int i = -1; c < s.channels && i <= 0; ++i) {
    for (int j = -1; j <= 0; ++j) {
      int h = max(a + i, 0), w = max(b + j, 0);
      sum += to_float(*coarse.at(image + int64_t{h / 2} * (s.width / 2) + w / 2, 4 * c + h % 2 * 2 + w % 2));
    }
  }
  *fine.at(pixel, c) = from_float<T>(0.25f * sum);
}

// How often output a reads input i, in halves.
__device__ __forceinline__ float weight_of(int a, int i) {
  return 0.5f * static_cast<float>((a == i) + (max(a - 1, 0) == i));
}

// grad_x of fine pixel (h, w), which the outputs (h, w) … (h + 1, w + 1) read.
template <class T>
__global__ void __launch_bounds__(256) backward_kernel(FineImage s, Rows<const T> fine, Rows<T> coarse) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= s.count) return;
  unsigned pixel = index / s.lanes, width = static_cast<unsigned>(s.width / 2), line = pixel / width;
  unsigned height = static_cast<unsigned>(s.height / 2);
  int lane = static_cast<int>(index % s.lanes), c = lane / 4;
  int w = static_cast<int>(pixel % width) * 2 + lane % 2, h = static_cast<int>(line % height) * 2 + lane / 2 % 2;
  int64_t image = int64_t{line / height} * s.height * s.width;
  float sum = 0;
  for (int a = h; c < s.channels && a < min(h + 2, s.height); ++a) {
    for (int b = w; b < min(w + 2, s.width); ++b) {
      sum += weight_of(a, h) * weight_of(b, w) * to_float(*fine.at(image + int64_t{a} * s.width + b, c));
    }
  }
  *coarse.at(pixel, lane) = from_float<T>(sum);
}

void require(ConstView coarse, ConstView fine) {
  bool fits = coarse.shape.rank() == 4 && coarse.dtype == fine.dtype;
  fits = fits && fine.shape == Shape{coarse.n(), coarse.c() / 4, 2 * coarse.h(), 2 * coarse.w()} && coarse.c() % 4 == 0;
  if (fits) return;
  throw ShapeError("shuffle_blur of [N, 4C, H, W] gives [N, C, 2H, 2W], got {} {} and {} {}", name_of(coarse.dtype),
                   coarse.shape.text(), name_of(fine.dtype), fine.shape.text());
}

FineImage plan(ConstView fine, ConstView written) {
  return {count_32(written.rows() * written.lanes), count_32(written.lanes), static_cast<int>(fine.h()),
          static_cast<int>(fine.w()), static_cast<int>(fine.c())};
}

void forward(Context& context, ConstView x, View y) {
  require(x, y);
  FineImage s = plan(y, y);
  if (s.count == 0) return;
  visit_storage("shuffle_blur", x.dtype, [&]<class T>(T) {
    launch<forward_kernel<T>>({block_count(s.count, 256), 256, 0, stream_of(context)}, s, rows_of<T>(x), rows_of<T>(y));
  });
}

void backward(Context& context, ConstView grad_y, View grad_x) {
  if (grad_x.empty()) return;
  require(grad_x, grad_y);
  FineImage s = plan(grad_y, grad_x);
  if (s.count == 0) return;
  visit_storage("shuffle_blur", grad_x.dtype, [&]<class T>(T) {
    launch<backward_kernel<T>>({block_count(s.count, 256), 256, 0, stream_of(context)}, s, rows_of<T>(grad_y),
                               rows_of<T>(grad_x));
  });
}

const Implementation forward_here{shuffle_blur_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{shuffle_blur_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
