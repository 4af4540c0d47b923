// One thread per element; neighbours in a warp write neighbours in memory.
// Per element: 8 bytes in f32, 4 in bf16. No arithmetic. Bound: memory bandwidth.
#include "kernels/device/copy.h"

#include "kernels/device/pixels.h"

namespace cuunet::CUUNET_TARGET {
namespace {

struct CopyShape {
  unsigned count, per_row;  // words or elements to write
};

// Words first … first + per_row - 1 of every row become zero.
template <class Word>
__global__ void __launch_bounds__(256) zero_kernel(CopyShape s, Rows<Word> y, int first) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < s.count) *y.at(i / s.per_row, first + static_cast<int>(i % s.per_row)) = Word{};
}

template <class To, class From>
__device__ __forceinline__ To converted(From value) {
  if constexpr (std::is_same_v<From, To>)
    return value;
  else if constexpr (std::is_same_v<From, bfloat16>)
    return static_cast<To>(to_float(value));
  else if constexpr (std::is_same_v<To, bfloat16>)
    return from_float<bfloat16>(static_cast<float>(value));
  else
    return static_cast<To>(value);
}

template <class From, class To>
__global__ void __launch_bounds__(256) copy_kernel(CopyShape s, Rows<const From> x, Rows<To> y, int columns) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= s.count) return;
  int column = static_cast<int>(i % s.per_row);
  *y.at(i / s.per_row, column) = column < columns ? converted<To>(*x.at(i / s.per_row, column)) : To{};
}

// run(T{}) with a type of the element's size, for what moves bits only.
template <class Run>
void with_word(DType dtype, const Run& run) {
  switch (size_of(dtype)) {
    case 1: return run(uint8_t{});
    case 2: return run(uint16_t{});
    case 4: return run(uint32_t{});
    default: return run(uint64_t{});
  }
}

template <class Run>
void with_float(DType dtype, const Run& run) {
  switch (dtype) {
    case DType::f32: return run(float{});
    case DType::bf16: return run(bfloat16{});
    case DType::f64: return run(double{});
    default: throw ShapeError("copy converts between f32, bf16 and f64, got {}", name_of(dtype));
  }
}

CopyShape shape_of(ConstView y, int64_t per_row) { return {count_32(y.rows() * per_row), count_32(per_row)}; }

void zero_from(Context& context, View y, int64_t first) {
  int64_t per_row = lanes_of(y) - first;
  if (per_row <= 0 || y.rows() == 0) return;
  with_word(y.dtype, [&]<class Word>(Word) {
    CopyShape s = shape_of(y, per_row);
    launch<zero_kernel<Word>>({block_count(s.count, 256), 256, 0, stream_of(context)}, s, rows_of<Word>(y),
                              static_cast<int>(first));
  });
}

template <class From, class To>
void launch_copy(Context& context, ConstView x, View y) {
  CopyShape s = shape_of(y, lanes_of(y));
  launch<copy_kernel<From, To>>({block_count(s.count, 256), 256, 0, stream_of(context)}, s, rows_of<From>(x),
                                rows_of<To>(y), static_cast<int>(y.columns()));
}

void copy_here(Context& context, ConstView x, View y) {
  if (x.shape != y.shape) throw ShapeError("copy expects {}, got {}", y.shape.text(), x.shape.text());
  if (y.elements() == 0) return;
  if (x.dtype == y.dtype) {
    with_word(y.dtype, [&]<class Word>(Word) { launch_copy<Word, Word>(context, x, y); });
  } else {
    with_float(x.dtype, [&]<class From>(From) {
      with_float(y.dtype, [&]<class To>(To) { launch_copy<From, To>(context, x, y); });
    });
  }
}

void fill_zero_here(Context& context, View y) { zero_from(context, y, 0); }
void zero_pad_lanes_here(Context& context, View y) { zero_from(context, y, y.columns()); }

const Implementation fill_zero_implementation{fill_zero, Device::CUUNET_TARGET, fill_zero_here};
const Implementation zero_pad_lanes_implementation{zero_pad_lanes, Device::CUUNET_TARGET, zero_pad_lanes_here};
const Implementation copy_implementation{copy, Device::CUUNET_TARGET, copy_here};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
