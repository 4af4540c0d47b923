// Element-by-element kernels over slices: what lies beside a slice stays, what belongs to it and is no channel is zero.
#include "kernels/device/pixels.h"

#include "tests/kernels/simt/device_check.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace cuunet::simt {
namespace {

struct OnePlus {
  __device__ float operator()(float x) const { return 1 + x; }
};
struct Add {
  __device__ float operator()(float a, float b) const { return a + b; }
};

struct Slice {
  int64_t channels, start, stride, lanes;
  const char* why;
};

const Slice slices[] = {
    {8, 0, 8, 8, "whole packs"},         {5, 0, 8, 8, "an owner with pad lanes"}, {5, 8, 24, 5, "an aligned slice"},
    {5, 3, 24, 5, "an unaligned slice"}, {9, 0, 20, 9, "rows of 80 bytes"},
};

template <class T>
void check_slices() {
  constexpr int64_t pixels = 2 * 3 * 5;
  for (const Slice& s : slices) {
    CAPTURE(s.why);
    for (ThreadOrder order : {ThreadOrder::forward, ThreadOrder::reverse, ThreadOrder::shuffled}) {
      alignas(16) static T x[1024], y[1024];
      for (int i = 0; i < 1024; ++i) x[i] = from_float<T>(static_cast<float>(i % 64)), y[i] = from_float<T>(-1);
      PlainContext context(Device::simt, order);
      Shape shape{2, s.channels, 3, 5};
      DType dtype = dtype_of<T>;
      map(context, View{y + s.start, dtype, shape, s.stride, s.lanes}, Add{},
          ConstView{x + s.start, dtype, shape, s.stride, s.lanes},
          ConstView{x + s.start, dtype, shape, s.stride, s.lanes});
      int wrong = 0;
      for (int64_t i = 0; i < 1024; ++i) {
        int64_t lane = (i - s.start) % s.stride;
        bool mine = i >= s.start && (i - s.start) / s.stride < pixels && lane < s.lanes;
        float expected = !mine ? -1.0f : lane < s.channels ? 2 * static_cast<float>(i % 64) : 0.0f;
        wrong += to_float(y[i]) != expected;
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("pixels: map over owners and slices") {
  check_slices<float>();
  check_slices<bfloat16>();
}

TEST_CASE("pixels: map of matrices and of nothing") {
  PlainContext context(Device::simt);
  std::vector<float> x{1, 2, 3, 4, 5, 6}, y(7, -1.0f);
  map(context, View{y.data(), DType::f32, {2, 3}, 6, 6}, OnePlus{}, ConstView{x.data(), DType::f32, {2, 3}, 6, 6});
  CHECK(y == std::vector<float>{2, 3, 4, 5, 6, 7, -1});
  CHECK_NOTHROW(
      map(context, View{y.data(), DType::f32, {0, 3}, 0, 0}, OnePlus{}, ConstView{x.data(), DType::f32, {0, 3}, 0, 0}));
  CHECK_THROWS_WITH_AS(
      map(context, View{y.data(), DType::f32, {3, 2}, 6, 6}, OnePlus{}, ConstView{x.data(), DType::f32, {2, 3}, 6, 6}),
      "elementwise: expected f32 [3, 2], got f32 [2, 3]", ShapeError);
  CHECK_THROWS_WITH_AS(
      map(context, View{y.data(), DType::f64, {3}, 3, 3}, OnePlus{}, ConstView{x.data(), DType::f64, {3}, 3, 3}),
      doctest::Contains("simt kernels store f32 or bf16, got f64"), ShapeError);
}

__global__ void write_place(ImageShape s, int* out) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= s.map.count) return;
  PixelPack at(s, index);
  out[index] = ((static_cast<int>(at.image) * 10 + at.h) * 10 + at.w) * 10 + at.first;
}

TEST_CASE("pixels: every pack of an image has its own place") {
  float memory[2 * 3 * 5 * 24];
  ConstView view{memory, DType::f32, {2, 17, 3, 5}, 24, 24};
  ImageShape s = image_shape(view, view.lanes, 8);
  CHECK(s.map.count == 2 * 3 * 5 * 3);
  std::vector<int> places(s.map.count, -1);
  launch<write_place>({block_count(s.map.count, 32), 32, 0, {}}, s, places.data());
  CHECK(places[1] == 1);             // second pack of the first pixel
  CHECK(places[3] == 10);            // the next pixel of the row
  CHECK(places[3 * 5] == 100);       // the next row
  CHECK(places[3 * 5 * 3] == 1000);  // the next image
  CHECK(std::set(places.begin(), places.end()).size() == s.map.count);
  CHECK(*std::max_element(places.begin(), places.end()) == 1242);
}

TEST_CASE("pixels: counts that a kernel cannot hold are refused") {
  CHECK(count_32(0x7FFFFFFF) == 0x7FFFFFFFu);
  CHECK_THROWS_AS(count_32(0x80000000), ShapeError);
  CHECK(block_count(257, 256) == 2);
  CHECK_THROWS_AS(block_count(int64_t{1} << 40, 256), ShapeError);
}

}  // namespace
}  // namespace cuunet::simt
