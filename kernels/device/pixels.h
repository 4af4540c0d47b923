// Views in a kernel, and element-by-element kernels over views of one shape, of any layout and slice.
//
//   struct Forward { __device__ float operator()(float x) const { return x < 0 ? 0.0f : x; } };
//   map(context, y, Forward{}, x);
//
// As on the CPU (kernels/device/elementwise.h): y's pad lanes are written as zero whatever the function makes of zero.
// Per element: 4 bytes (bf16: 2) of each view; the function. Bound: memory bandwidth.
#pragma once

#include "kernels/device/storage.h"
#include "kernels/device/view.h"

namespace cuunet::CUUNET_TARGET {

// A view as rows of elements: pixels × channels at rank 4, else one row.
template <class T>
struct Rows {
  T* data;
  int64_t stride;

  __device__ __forceinline__ T* at(int64_t row, int column) const { return data + row * stride + column; }
};

template <class T>
Rows<T> rows_of(View view) {
  return {view.as<T>(), view.pixel_stride};
}
template <class T>
Rows<const T> rows_of(ConstView view) {
  return {view.as<T>(), view.pixel_stride};
}

// Whether every row starts at a multiple of 16 bytes.
inline bool packs(ConstView view) {
  size_t stride_bytes = static_cast<size_t>(view.pixel_stride) * size_of(view.dtype);
  bool one_row = view.shape.rank() != 4;
  return reinterpret_cast<uintptr_t>(view.data) % 16 == 0 && (one_row || stride_bytes % 16 == 0);
}

// [N, C] counts as N pixels of C channels without pad lanes.
template <class Void>
BasicView<Void> as_maps(BasicView<Void> view) {
  if (view.shape.rank() != 2) return view;
  return {view.data, view.dtype, {view.shape[0], view.shape[1], 1, 1}, view.shape[1], view.shape[1]};
}

inline int64_t lanes_of(ConstView view) { return view.shape.rank() == 4 ? view.lanes : view.columns(); }

// Calls visitor with a value of the storage type, f32 or bf16.
template <class Visitor>
void visit_storage(const char* op, DType dtype, const Visitor& visitor) {
  switch (dtype) {
    case DType::f32: return visitor(float{});
    case DType::bf16: return visitor(bfloat16{});
    default: break;
  }
  throw ShapeError("{}: {} kernels store f32 or bf16, got {}; run with --device cpu", op,
                   name_of(Device::CUUNET_TARGET), name_of(dtype));
}

// Kernels count in 32 bits, whose division is several times faster; 2^31 packs are more than any GPU holds.
inline unsigned count_32(int64_t count) {
  if (count > 0x7FFFFFFF) throw ShapeError("{} elements or packs of them are more than a kernel counts", count);
  return static_cast<unsigned>(count);
}

inline unsigned block_count(int64_t work, int64_t per_block) {
  int64_t blocks = (work + per_block - 1) / per_block;
  if (blocks > 0x7FFFFFFF) throw ShapeError("{} blocks are more than a grid may have", blocks);
  return static_cast<unsigned>(blocks);
}

// run(T{}, pack) with packs of 16 bytes where all views allow them, else of one element.
template <class Run>
void with_pack(const char* op, DType dtype, bool packed, const Run& run) {
  visit_storage(op, dtype, [&]<class T>(T) {
    if (packed)
      run(T{}, std::integral_constant<int, pack_size<T>>{});
    else
      run(T{}, std::integral_constant<int, 1>{});
  });
}

struct MapShape {
  unsigned count;  // packs in all rows
  unsigned packs_per_row;
  int columns, lanes;
};

// The rows of `view` with the lanes that are to be visited.
inline MapShape map_shape(ConstView view, int64_t lanes, int pack) {
  int64_t packs_per_row = (lanes + pack - 1) / pack;
  return {count_32(view.rows() * packs_per_row), count_32(packs_per_row), static_cast<int>(view.columns()),
          static_cast<int>(lanes)};
}

// The packs of the pixels of [N, C, H, W].
struct ImageShape {
  MapShape map;
  int height, width;
};

inline ImageShape image_shape(ConstView view, int64_t lanes, int pack) {
  return {map_shape(view, lanes, pack), static_cast<int>(view.h()), static_cast<int>(view.w())};
}

// Where the pack with this index lies: its pixel (the row of memory), its first channel, its place in its image.
struct PixelPack {
  unsigned pixel, image;
  int first, h, w;

  __device__ __forceinline__ PixelPack(const ImageShape& s, unsigned index) : pixel(index / s.map.packs_per_row) {
    unsigned line = pixel / static_cast<unsigned>(s.width);
    first = static_cast<int>(index % s.map.packs_per_row);
    w = static_cast<int>(pixel % static_cast<unsigned>(s.width));
    h = static_cast<int>(line % static_cast<unsigned>(s.height));
    image = line / static_cast<unsigned>(s.height);
  }
};

template <int pack>
struct Channels {
  float values[pack];
  template <class T>
  __device__ __forceinline__ Channels(const T* row, int first, int channels) {
    load_channels<pack>(row, first, channels, values);
  }
};

// pack: elements per thread, one or 16 bytes of them; the last pack of a row may be partial.
template <class T, int pack, class Function, class... In>
__global__ void __launch_bounds__(256) map_kernel(MapShape shape, Rows<T> y, Function f, Rows<const In>... x) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= shape.count) return;
  unsigned row = i / shape.packs_per_row;
  int first = static_cast<int>(i % shape.packs_per_row) * pack;
  float out[pack];
  auto apply = [&](const auto&... in) {
#pragma unroll
    for (int e = 0; e < pack; ++e) out[e] = f(in.values[e]...);
  };
  apply(Channels<pack>(x.at(row, 0), first, shape.columns)...);
  store_channels<pack>(y.at(row, 0), first, shape.columns, shape.lanes, out);
}

template <class Function, class... Views>
void map(Context& context, View y, const Function& f, Views... x) {
  auto check = [&](ConstView in) {
    if (in.shape != y.shape || in.dtype != y.dtype) {
      throw ShapeError("elementwise: expected {} {}, got {} {}", name_of(y.dtype), y.shape.text(), name_of(in.dtype),
                       in.shape.text());
    }
  };
  (check(x), ...);
  if (y.elements() == 0) return;
  bool packed = packs(y) && (packs(x) && ...);
  with_pack("elementwise", y.dtype, packed, [&]<class T, int pack>(T, std::integral_constant<int, pack>) {
    MapShape shape = map_shape(y, lanes_of(y), pack);
    launch<map_kernel<T, pack, Function, std::conditional_t<true, T, Views>...>>(
        {block_count(shape.count, 256), 256, 0, stream_of(context)}, shape, rows_of<T>(y), f, rows_of<T>(x)...);
  });
}

}  // namespace cuunet::CUUNET_TARGET
