// One thread per element of the part; the gradient clears the whole first.
// Per element of the part: 8 bytes (bf16: 4); the gradient writes the whole once more. No arithmetic. Bound: memory
// bandwidth.
#include "kernels/resample/crop.h"

#include "kernels/device/copy.h"
#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Range {
  unsigned count, lanes;  // elements of the part to write, per pixel
  int channels, height, width, whole_height, whole_width;
  int n, c, h, w;  // where the part begins in the whole
};

__device__ __forceinline__ int64_t pixel_of_whole(const Range& s, unsigned pixel) {
  unsigned line = pixel / static_cast<unsigned>(s.width);
  int w = static_cast<int>(pixel % static_cast<unsigned>(s.width)) + s.w;
  int h = static_cast<int>(line % static_cast<unsigned>(s.height)) + s.h;
  return (int64_t{line / static_cast<unsigned>(s.height)} + s.n) * s.whole_height * s.whole_width +
         int64_t{h} * s.whole_width + w;
}

template <class T>
__global__ void __launch_bounds__(256) forward_kernel(Range s, Rows<const T> whole, Rows<T> part) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= s.count) return;
  int c = static_cast<int>(i % s.lanes);
  *part.at(i / s.lanes, c) = c < s.channels ? *whole.at(pixel_of_whole(s, i / s.lanes), s.c + c) : from_float<T>(0);
}

template <class T>
__global__ void __launch_bounds__(256) backward_kernel(Range s, Rows<const T> part, Rows<T> whole) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= s.count) return;
  int c = static_cast<int>(i % s.lanes);
  *whole.at(pixel_of_whole(s, i / s.lanes), s.c + c) = *part.at(i / s.lanes, c);
}

Range range_of(ConstView whole, ConstView part, CropOrigin o, int64_t lanes) {
  bool fits = whole.shape.rank() == 4 && part.shape.rank() == 4 && whole.dtype == part.dtype;
  fits = fits && o.n >= 0 && o.c >= 0 && o.h >= 0 && o.w >= 0 && o.n + part.n() <= whole.n() &&
         o.c + part.c() <= whole.c() && o.h + part.h() <= whole.h() && o.w + part.w() <= whole.w();
  if (!fits) {
    throw ShapeError("a slice {} {} at ({}, {}, {}, {}) is not inside {} {}", name_of(part.dtype), part.shape.text(),
                     o.n, o.c, o.h, o.w, name_of(whole.dtype), whole.shape.text());
  }
  auto i32 = [](int64_t value) { return static_cast<int>(value); };
  return {count_32(part.rows() * lanes),
          count_32(lanes),
          i32(part.c()),
          i32(part.h()),
          i32(part.w()),
          i32(whole.h()),
          i32(whole.w()),
          i32(o.n),
          i32(o.c),
          i32(o.h),
          i32(o.w)};
}

void forward(Context& context, ConstView x, View y, CropOrigin origin) {
  Range s = range_of(x, y, origin, y.shape.rank() == 4 ? y.lanes : 1);
  if (s.count == 0) return;
  visit_storage("crop", x.dtype, [&]<class T>(T) {
    launch<forward_kernel<T>>({block_count(s.count, 256), 256, 0, stream_of(context)}, s, rows_of<T>(x), rows_of<T>(y));
  });
}

void backward(Context& context, ConstView grad_y, View grad_x, CropOrigin origin) {
  if (grad_x.empty()) return;
  Range s = range_of(grad_x, grad_y, origin, grad_y.columns());
  fill_zero(context, grad_x);
  if (s.count == 0) return;
  visit_storage("crop", grad_x.dtype, [&]<class T>(T) {
    launch<backward_kernel<T>>({block_count(s.count, 256), 256, 0, stream_of(context)}, s, rows_of<T>(grad_y),
                               rows_of<T>(grad_x));
  });
}

const Implementation forward_here{crop_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{crop_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
