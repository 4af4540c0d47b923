#include "kernels/conv/pack_weights.h"

#include "kernels/device/parallel.h"

namespace cuunet {
namespace {

constexpr int64_t line = 16;  // channels read at once: a cache line of f32

// One block of outputs at one tap, outputs being rows of w: [block] rows of inputs are transposed.
template <int64_t pair, class T>
inline void pack_rows(const float* w, int64_t rows, int64_t row_stride, int64_t channels, const BlockedWeights& f,
                      T* to) {
  for (int64_t first = 0; first < f.in; first += line) {
    int64_t count = std::min(line, f.in - first), inside = std::min(line, channels - first);
    for (int64_t a = 0; a < f.block; ++a) {
      T values[line] = {};
      const float* row = w + a * row_stride + first;
      if (a < rows && inside == line) {
        for (int64_t i = 0; i < line; ++i) values[i] = static_cast<T>(row[i]);
      } else if (a < rows) {
        for (int64_t i = 0; i < inside; ++i) values[i] = static_cast<T>(row[i]);
      }
      T* lane = to + first / pair * f.in_stride + a * pair;
      for (int64_t i = 0; i < count / pair; ++i) {
        for (int64_t j = 0; j < pair; ++j) lane[i * f.in_stride + j] = values[i * pair + j];
      }
    }
  }
}

// The same, outputs being columns of w.
template <int64_t pair, class T>
inline void pack_columns(const float* w, int64_t rows, int64_t row_stride, int64_t channels, const BlockedWeights& f,
                         T* to) {
  int64_t inside = std::clamp<int64_t>(channels, 0, f.block);
  for (int64_t in = 0; in < f.in; in += pair, to += f.in_stride) {
    if (inside < f.block || in + pair > rows) std::fill_n(to, f.block * pair, T{});
    for (int64_t j = 0; j < std::min(pair, rows - in); ++j) {
      const float* row = w + (in + j) * row_stride;
      for (int64_t a = 0; a < inside; ++a) to[a * pair + j] = static_cast<T>(row[a]);
    }
  }
}

template <int64_t pair, class T>
void pack(Context& context, ConstView w, bool rotated, const BlockedWeights& format, T* packed) {
  int64_t taps = format.r * format.s, row_stride = taps * w.pixel_stride, cell = format.block * format.in;
  parallel_for(context, format.out / format.block * taps, std::max<int64_t>(1, 32768 / std::max<int64_t>(1, cell)),
               [=, f = format](int64_t begin, int64_t end) {
                 for (int64_t item = begin; item < end; ++item) {
                   int64_t block = item / taps, tap = item % taps, first = block * f.block;
                   T* to = packed + block * f.out_stride + tap / f.s * f.r_stride + tap % f.s * f.s_stride;
                   const float* from = w.as<float>() + (rotated ? taps - 1 - tap : tap) * w.pixel_stride;
                   if (rotated) {
                     pack_columns<pair>(from + first, w.n(), row_stride, w.pixel_stride - first, f, to);
                   } else {
                     pack_rows<pair>(from + first * row_stride, w.n() - first, row_stride, w.pixel_stride, f, to);
                   }
                 }
               });
}

}  // namespace

void pack_weights(Context& context, ConstView w, bool rotated, const BlockedWeights& format, DType dtype,
                  void* packed) {
  if (dtype == DType::bf16) return pack<2>(context, w, rotated, format, static_cast<bfloat16*>(packed));
  pack<1>(context, w, rotated, format, static_cast<float*>(packed));
}

}  // namespace cuunet
