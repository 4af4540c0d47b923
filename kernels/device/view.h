// What a kernel is given: a pointer, a type, a logical shape and where each pixel starts.
//
// Rank 4 is logical [N, C, H, W], stored NHWC: element (n, c, h, w) lies at ((n·H + h)·W + w)·pixel_stride + c.
// An owner's pixel stride is C rounded up to 8 and its pad lanes C … pixel_stride-1 are zero. Convolution weights
// [K, C, R, S] are stored the same way: [K, R, S, C padded].
// Every other rank is plain row-major without padding; here it counts as one row of all its elements.
//
// A view of a channel slice has the owner's pixel stride but none of its pad lanes: `lanes` tells how many channels
// per pixel belong to the view (pixel_stride for an owner, C for a slice). A kernel that writes, writes zeros into
// lanes C … lanes-1 and touches nothing beyond.
#pragma once

#include "kernels/device/dtype.h"
#include "kernels/device/shape.h"

namespace cuunet {

constexpr int64_t round_up(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

// The pixel stride that an owner of `channels` gets.
constexpr int64_t padded_channels(int64_t channels) { return round_up(channels, 8); }

template <class Void>
struct BasicView {
  Void* data = nullptr;
  DType dtype = DType::f32;
  Shape shape;
  int64_t pixel_stride = 0;  // elements from one row to the next
  int64_t lanes = 0;         // of which this many belong to the view

  bool empty() const { return data == nullptr; }  // an optional tensor that is not there
  int64_t n() const { return shape[0]; }
  int64_t c() const { return shape[1]; }
  int64_t h() const { return shape[2]; }
  int64_t w() const { return shape[3]; }
  int64_t elements() const { return shape.elements(); }

  // As rows × columns: pixels × channels at rank 4, else one row of all elements.
  int64_t rows() const { return shape.rank() == 4 ? n() * h() * w() : 1; }
  int64_t columns() const { return shape.rank() == 4 ? c() : shape.elements(); }
  // Whether all rows with their lanes are one block of memory (an owner, or a slice as wide as its owner).
  bool whole() const { return lanes == pixel_stride; }
  int64_t storage_elements() const { return rows() * pixel_stride; }

  template <class T>
  auto* as() const {
    if constexpr (std::is_const_v<Void>)
      return static_cast<const T*>(data);
    else
      return static_cast<T*>(data);
  }
  int64_t offset(int64_t n_, int64_t c_, int64_t h_, int64_t w_) const {
    return ((n_ * h() + h_) * w() + w_) * pixel_stride + c_;
  }
  operator BasicView<const void>() const requires(!std::is_const_v<Void>) {
    return {data, dtype, shape, pixel_stride, lanes};
  }
};

using View = BasicView<void>;
using ConstView = BasicView<const void>;

// A view of memory that is laid out as an owner's would be.
inline int64_t owner_pixel_stride(const Shape& shape) {
  return shape.rank() == 4 ? padded_channels(shape[1]) : shape.elements();
}
inline int64_t owner_storage_elements(const Shape& shape) {
  return shape.rank() == 4 ? shape[0] * shape[2] * shape[3] * padded_channels(shape[1]) : shape.elements();
}

}  // namespace cuunet
