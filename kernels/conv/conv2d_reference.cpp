// Every pass is a sum over taps (r, s) of small matrix products, over a table of pointers that says which row of
// channels each output pixel reads at each tap; pixels outside the image read a row of zeros. Blocks of six pixels by
// eight channels stay in registers.
#include "kernels/conv/conv2d_reference.h"

#include "kernels/conv/dense_views.h"
#include "kernels/conv/tap_rows.h"
#include "kernels/device/parallel.h"

#include <cstring>

namespace cuunet::reference {
namespace {

template <class T>
struct LanesOf;
template <>
struct LanesOf<double> {
  using type [[gnu::vector_size(64), gnu::aligned(8), gnu::may_alias]] = double;
};
template <>
struct LanesOf<float> {
  using type [[gnu::vector_size(64), gnu::aligned(4), gnu::may_alias]] = float;
};
template <class T>
using Lanes = typename LanesOf<T>::type;
template <class T>
constexpr int64_t lane_count = 64 / static_cast<int64_t>(sizeof(T));
constexpr int64_t pixel_block = 6, chunk = 96;  // a chunk's pixels share each panel of weights

// `count` of the lanes at p, zeros beyond.
template <class T>
inline Lanes<T> load(const T* p, int64_t count) {
  Lanes<T> value = {};
  if (count >= lane_count<T>) {
    value = *reinterpret_cast<const Lanes<T>*>(p);
  } else if (count == lane_count<T> / 2) {
    std::memcpy(&value, p, sizeof value / 2);
  } else {
    for (int64_t i = 0; i < count; ++i) value[i] = p[i];
  }
  return value;
}
template <class T>
inline void store(const Lanes<T>& value, T* p, int64_t count) {
  if (count >= lane_count<T>) {
    *reinterpret_cast<Lanes<T>*>(p) = value;
  } else {
    for (int64_t i = 0; i < count; ++i) p[i] = value[i];
  }
}

// out[i] = Σ_tap Σ_c rows[i][tap][c] · panel[tap][c]
template <class T>
struct TapTable {
  TapTable(Context& context, int64_t pixels_, int64_t taps_, int64_t channels)
      : pixels(pixels_),
        taps(taps_),
        memory(context, static_cast<size_t>(pixels * (taps + 1)) * sizeof(T*) + 64 +
                            static_cast<size_t>(round_up(channels, lane_count<T>)) * sizeof(T)),
        zero(memory.as<T>()) {
    int64_t zeros = round_up(channels, lane_count<T>);
    std::fill_n(zero, zeros, T{});
    rows = reinterpret_cast<const T**>(zero + zeros);
    out = reinterpret_cast<T**>(zero + zeros) + pixels * taps;
  }
  int64_t pixels, taps;
  Workspace memory;
  T* zero;
  const T** rows;  // [pixels][taps]
  T** out;         // [pixels]
};

// rows: the pixels of x that y's pixels read. With `y` given, out: y's pixels.
template <class T>
void fill_forward_table(Context& context, TapTable<T>& table, ConstView x, const Shape& y_shape, T* y, int64_t y_stride,
                        int64_t R, int64_t S, const Conv2dParams& params) {
  parallel_for(context, y_shape[0] * y_shape[2], 1, [&, R, S](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line) {
      int64_t n = line / y_shape[2], p = line % y_shape[2];
      for (int64_t q = 0; q < y_shape[3]; ++q) {
        int64_t pixel = line * y_shape[3] + q;
        table.out[pixel] = y + pixel * y_stride;
        find_tap_rows<T>(x, n, p, q, R, S, params, table.zero, table.rows + pixel * table.taps);
      }
    }
  });
}

// rows: the pixels of grad_y that grad_x's pixels were read for. Pixels that meet the same taps follow each other.
template <class T>
void fill_backward_table(Context& context, TapTable<T>& table, ConstView grad_y, View grad_x, int64_t R, int64_t S,
                         int64_t stride, int64_t padding) {
  auto output = [stride](int64_t position, int64_t size) {
    return position >= 0 && position % stride == 0 && position / stride < size ? position / stride : -1;
  };
  int64_t H = grad_x.h(), W = grad_x.w();
  parallel_for(context, grad_x.n(), 1, [&, R, S, H, W, stride, padding](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      int64_t pixel = n * H * W;
      for (int64_t phase = 0; phase < stride * stride; ++phase) {
        for (int64_t h = phase / stride; h < H; h += stride) {
          for (int64_t w = phase % stride; w < W; w += stride, ++pixel) {
            table.out[pixel] = grad_x.as<T>() + grad_x.offset(n, 0, h, w);
            const T** rows = table.rows + pixel * table.taps;
            for (int64_t r = 0; r < R; ++r) {
              int64_t p = output(h + padding - r, grad_y.h());
              for (int64_t s = 0; s < S; ++s) {
                int64_t q = output(w + padding - s, grad_y.w());
                *rows++ = p < 0 || q < 0 ? table.zero : grad_y.as<T>() + grad_y.offset(n, 0, p, q);
              }
            }
          }
        }
      }
    }
  });
}

// panels [outputs / 8][taps][inputs][8] of w; with `transposed`, the inputs are w's output channels.
template <class T>
void pack_weights(Context& context, ConstView w, bool transposed, T* panels) {
  int64_t K = w.n(), C = w.c(), taps = w.h() * w.w();
  int64_t inputs = transposed ? K : C, outputs = transposed ? C : K;
  parallel_for(context, (outputs + lane_count<T> - 1) / lane_count<T>, 1, [=](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      T* panel = panels + block * taps * inputs * lane_count<T>;
      for (int64_t tap = 0; tap < taps; ++tap) {
        for (int64_t i = 0; i < inputs; ++i) {
          for (int64_t lane = 0; lane < lane_count<T>; ++lane) {
            int64_t o = block * lane_count<T> + lane, k = transposed ? i : o, c = transposed ? o : i;
            *panel++ = o < outputs ? w.as<T>()[(k * taps + tap) * w.pixel_stride + c] : T{};
          }
        }
      }
    }
  });
}

template <class T>
struct Finish {
  const T* bias = nullptr;
  bool relu = false;
};

// out[pixel][o] for the eight outputs of one panel and six pixels.
template <class T>
inline void product_block(const TapTable<T>& table, int64_t pixel, int64_t inputs, const T* panel, int64_t first,
                          int64_t outputs, int64_t lanes, Finish<T> finish) {
  int64_t count = std::min(pixel_block, table.pixels - pixel);
  Lanes<T> sum[pixel_block] = {};
  for (int64_t tap = 0; tap < table.taps; ++tap) {
    const T* row[pixel_block];
    bool any = false;
    for (int64_t i = 0; i < pixel_block; ++i) {
      row[i] = table.rows[(pixel + std::min(i, count - 1)) * table.taps + tap];
      any |= row[i] != table.zero;
    }
    if (!any) continue;
    const auto* weights = reinterpret_cast<const Lanes<T>*>(panel + tap * inputs * lane_count<T>);
    for (int64_t c = 0; c < inputs; ++c) {
      for (int64_t i = 0; i < pixel_block; ++i) sum[i] += row[i][c] * weights[c];
    }
  }
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t o = first; o < std::min(first + lane_count<T>, lanes); ++o) {
      T value = o < outputs ? sum[i][o - first] + (finish.bias != nullptr ? finish.bias[o] : T{}) : T{};
      table.out[pixel + i][o] = finish.relu && value < 0 ? T{} : value;
    }
  }
}

template <class T>
void multiply(Context& context, const TapTable<T>& table, int64_t inputs, int64_t outputs, int64_t lanes,
              const T* panels, Finish<T> finish) {
  parallel_for(context, (table.pixels + chunk - 1) / chunk, 1, [&, inputs, outputs, lanes](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part) {
      int64_t last = std::min((part + 1) * chunk, table.pixels);
      for (int64_t first = 0; first < lanes; first += lane_count<T>) {
        const T* panel = panels + first * table.taps * inputs;
        int64_t inside = first < outputs ? inputs : 0;
        for (int64_t pixel = part * chunk; pixel < last; pixel += pixel_block) {
          product_block(table, pixel, inside, panel, first, outputs, lanes, finish);
        }
      }
    }
  });
}

// grad_w[k, tap, c …] of six k and as many c as there are lanes, over the pixels begin … end-1. In double the sum goes
// on from the pixels before; in float it begins anew and loses less.
template <class T>
inline void weight_block(const TapTable<T>& table, ConstView x, ConstView grad_y, View grad_w, int64_t tap, int64_t k,
                         int64_t c, int64_t begin, int64_t end) {
  constexpr bool goes_on = std::is_same_v<T, double>;
  int64_t count = std::min(pixel_block, grad_w.n() - k), width = x.lanes - c, space = grad_w.pixel_stride - c;
  auto target = [&](int64_t i) { return grad_w.as<T>() + ((k + i) * table.taps + tap) * grad_w.pixel_stride + c; };
  Lanes<T> sum[pixel_block] = {};
  for (int64_t i = 0; i < count && goes_on; ++i) sum[i] = load(target(i), space);
  for (int64_t pixel = begin; pixel < end; ++pixel) {
    const T* row = table.rows[pixel * table.taps + tap];
    if (row == table.zero) continue;
    const T* g = grad_y.as<T>() + pixel * grad_y.pixel_stride + k;
    Lanes<T> value = load(row + c, width);
    for (int64_t i = 0; i < pixel_block; ++i) sum[i] += g[std::min(i, count - 1)] * value;
  }
  for (int64_t i = 0; i < count; ++i) store<T>(goes_on ? sum[i] : load(target(i), space) + sum[i], target(i), space);
}

template <class T>
void forward(Context& context, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams& params) {
  int64_t taps = w.h() * w.w();
  TapTable<T> table(context, y.rows(), taps, x.c());
  fill_forward_table(context, table, x, y.shape, y.as<T>(), y.pixel_stride, w.h(), w.w(), params);
  Workspace panels(context, static_cast<size_t>(round_up(w.n(), lane_count<T>) * taps * x.c()) * sizeof(T));
  pack_weights(context, w, false, panels.as<T>());
  multiply(context, table, x.c(), y.c(), y.lanes, panels.as<T>(), Finish<T>{bias.as<T>(), params.relu});
}

template <class T>
void backward_input(Context& context, ConstView grad_y, ConstView w, View grad_x, const Conv2dParams& asked) {
  Conv2dParams params = asked;
  BorderedResult result(context, grad_x, params);
  View target = result.view;
  int64_t taps = w.h() * w.w(), C = w.c();
  TapTable<T> table(context, target.rows(), taps, grad_y.c());
  fill_backward_table(context, table, grad_y, target, w.h(), w.w(), params.stride, params.padding);
  Workspace panels(context, static_cast<size_t>(round_up(C, lane_count<T>) * taps * w.n()) * sizeof(T));
  pack_weights(context, w, true, panels.as<T>());
  multiply(context, table, w.n(), C, target.lanes, panels.as<T>(), Finish<T>{});
  result.store();
}

template <class T>
void backward_weight(Context& context, ConstView x, ConstView grad_y, View grad_w, const Conv2dParams& params) {
  int64_t taps = grad_w.h() * grad_w.w(), blocks = (grad_w.n() + pixel_block - 1) / pixel_block;
  TapTable<T> table(context, grad_y.rows(), taps, x.c());
  fill_forward_table<T>(context, table, x, grad_y.shape, nullptr, 0, grad_w.h(), grad_w.w(), params);
  fill_zero(context, grad_w);
  parallel_for(context, blocks * taps, 1, [&, taps](int64_t begin, int64_t end) {
    for (int64_t first = 0; first < table.pixels; first += chunk) {
      int64_t last = std::min(first + chunk, table.pixels);
      for (int64_t item = begin; item < end; ++item) {
        for (int64_t c = 0; c < x.c(); c += lane_count<T>) {
          weight_block(table, x, grad_y, grad_w, item % taps, item / taps * pixel_block, c, first, last);
        }
      }
    }
  });
  zero_pad_lanes(context, grad_w);  // 0 · NaN may have gone there
}

}  // namespace

void conv2d_forward(Context& context, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams& params) {
  if (y.dtype == DType::f64) return forward<double>(context, x, w, bias, y, params);
  forward<float>(context, x, w, bias, y, params);
}

void conv2d_backward_input(Context& context, ConstView grad_y, ConstView w, View grad_x, const Conv2dParams& params) {
  if (grad_x.dtype == DType::f64) return backward_input<double>(context, grad_y, w, grad_x, params);
  backward_input<float>(context, grad_y, w, grad_x, params);
}

void conv2d_backward_weight(Context& context, ConstView x, ConstView grad_y, View grad_w, const Conv2dParams& params) {
  if (x.dtype == DType::f64) return backward_weight<double>(context, x, grad_y, grad_w, params);
  backward_weight<float>(context, x, grad_y, grad_w, params);
}

}  // namespace cuunet::reference
