// Every pass is a sum over taps (r, s) of small matrix products, over a table of pointers that says which row of
// channels each output pixel reads at each tap; pixels outside the image read a row of zeros. Blocks of six pixels by
// eight channels stay in registers.
#include "kernels/conv/conv2d_reference.h"

#include "kernels/conv/border.h"
#include "kernels/device/copy.h"
#include "kernels/device/parallel.h"

namespace cuunet::reference {
namespace {

using Lanes [[gnu::vector_size(64), gnu::aligned(8), gnu::may_alias]] = double;
constexpr int64_t pixel_block = 6, lane_count = 8, chunk = 96;  // a chunk's pixels share each panel of weights

Lanes* lanes_at(double* p) { return reinterpret_cast<Lanes*>(p); }
const Lanes* lanes_at(const double* p) { return reinterpret_cast<const Lanes*>(p); }

// out[i] = Σ_tap Σ_c rows[i][tap][c] · panel[tap][c]
struct TapTable {
  TapTable(Context& context, int64_t pixels_, int64_t taps_, int64_t channels)
      : pixels(pixels_),
        taps(taps_),
        memory(context, static_cast<size_t>(pixels * (taps + 1)) * sizeof(double*) + 64 +
                            static_cast<size_t>(round_up(channels, lane_count)) * sizeof(double)),
        zero(memory.as<double>()) {
    int64_t zeros = round_up(channels, lane_count);
    std::fill_n(zero, zeros, 0.0);
    rows = reinterpret_cast<const double**>(zero + zeros);
    out = reinterpret_cast<double**>(zero + zeros) + pixels * taps;
  }
  int64_t pixels, taps;
  Workspace memory;
  double* zero;
  const double** rows;  // [pixels][taps]
  double** out;         // [pixels]
};

// rows: the pixels of x that y's pixels read. With `y` given, out: y's pixels.
void fill_forward_table(Context& context, TapTable& table, ConstView x, const Shape& y_shape, double* y,
                        int64_t y_stride, int64_t R, int64_t S, const Conv2dParams& params) {
  parallel_for(context, y_shape[0] * y_shape[2], 1, [&, R, S](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line) {
      int64_t n = line / y_shape[2], p = line % y_shape[2];
      for (int64_t q = 0; q < y_shape[3]; ++q) {
        int64_t pixel = line * y_shape[3] + q;
        table.out[pixel] = y + pixel * y_stride;
        const double** rows = table.rows + pixel * table.taps;
        for (int64_t r = 0; r < R; ++r) {
          int64_t h = padded_index(p * params.stride + r - params.padding, x.h(), params.padding_mode);
          for (int64_t s = 0; s < S; ++s) {
            int64_t w = padded_index(q * params.stride + s - params.padding, x.w(), params.padding_mode);
            *rows++ = h < 0 || w < 0 ? table.zero : x.as<double>() + x.offset(n, 0, h, w);
          }
        }
      }
    }
  });
}

// rows: the pixels of grad_y that grad_x's pixels were read for. Pixels that meet the same taps follow each other.
void fill_backward_table(Context& context, TapTable& table, ConstView grad_y, View grad_x, int64_t R, int64_t S,
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
            table.out[pixel] = grad_x.as<double>() + grad_x.offset(n, 0, h, w);
            const double** rows = table.rows + pixel * table.taps;
            for (int64_t r = 0; r < R; ++r) {
              int64_t p = output(h + padding - r, grad_y.h());
              for (int64_t s = 0; s < S; ++s) {
                int64_t q = output(w + padding - s, grad_y.w());
                *rows++ = p < 0 || q < 0 ? table.zero : grad_y.as<double>() + grad_y.offset(n, 0, p, q);
              }
            }
          }
        }
      }
    }
  });
}

// panels [outputs / 8][taps][inputs][8] of w; with `transposed`, the inputs are w's output channels.
void pack_weights(Context& context, ConstView w, bool transposed, double* panels) {
  int64_t K = w.n(), C = w.c(), taps = w.h() * w.w();
  int64_t inputs = transposed ? K : C, outputs = transposed ? C : K;
  parallel_for(context, (outputs + lane_count - 1) / lane_count, 1, [=](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      double* panel = panels + block * taps * inputs * lane_count;
      for (int64_t tap = 0; tap < taps; ++tap) {
        for (int64_t i = 0; i < inputs; ++i) {
          for (int64_t lane = 0; lane < lane_count; ++lane) {
            int64_t o = block * lane_count + lane, k = transposed ? i : o, c = transposed ? o : i;
            *panel++ = o < outputs ? w.as<double>()[(k * taps + tap) * w.pixel_stride + c] : 0.0;
          }
        }
      }
    }
  });
}

struct Finish {
  const double* bias = nullptr;
  bool relu = false;
};

// out[pixel][o] for the eight outputs of one panel and six pixels.
inline void product_block(const TapTable& table, int64_t pixel, int64_t inputs, const double* panel, int64_t first,
                          int64_t outputs, int64_t lanes, Finish finish) {
  int64_t count = std::min(pixel_block, table.pixels - pixel);
  Lanes sum[pixel_block] = {};
  for (int64_t tap = 0; tap < table.taps; ++tap) {
    const double* row[pixel_block];
    bool any = false;
    for (int64_t i = 0; i < pixel_block; ++i) {
      row[i] = table.rows[(pixel + std::min(i, count - 1)) * table.taps + tap];
      any |= row[i] != table.zero;
    }
    if (!any) continue;
    const Lanes* weights = lanes_at(panel + tap * inputs * lane_count);
    for (int64_t c = 0; c < inputs; ++c) {
      for (int64_t i = 0; i < pixel_block; ++i) sum[i] += row[i][c] * weights[c];
    }
  }
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t o = first; o < std::min(first + lane_count, lanes); ++o) {
      double value = o < outputs ? sum[i][o - first] + (finish.bias != nullptr ? finish.bias[o] : 0.0) : 0.0;
      table.out[pixel + i][o] = finish.relu && value < 0 ? 0.0 : value;
    }
  }
}

void multiply(Context& context, const TapTable& table, int64_t inputs, int64_t outputs, int64_t lanes,
              const double* panels, Finish finish) {
  parallel_for(context, (table.pixels + chunk - 1) / chunk, 1, [&, inputs, outputs, lanes](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part) {
      int64_t last = std::min((part + 1) * chunk, table.pixels);
      for (int64_t first = 0; first < lanes; first += lane_count) {
        const double* panel = panels + first * table.taps * inputs;
        int64_t inside = first < outputs ? inputs : 0;
        for (int64_t pixel = part * chunk; pixel < last; pixel += pixel_block) {
          product_block(table, pixel, inside, panel, first, outputs, lanes, finish);
        }
      }
    }
  });
}

// grad_w[k, tap, c …] of six k and eight c, over the pixels begin … end-1.
inline void weight_block(const TapTable& table, ConstView x, ConstView grad_y, View grad_w, int64_t tap, int64_t k,
                         int64_t c, int64_t begin, int64_t end) {
  int64_t count = std::min(pixel_block, grad_w.n() - k), width = std::min(lane_count, x.lanes - c);
  auto target = [&](int64_t i) { return grad_w.as<double>() + ((k + i) * table.taps + tap) * grad_w.pixel_stride + c; };
  Lanes sum[pixel_block] = {};
  for (int64_t i = 0; i < count; ++i) sum[i] = *lanes_at(target(i));
  for (int64_t pixel = begin; pixel < end; ++pixel) {
    const double* row = table.rows[pixel * table.taps + tap];
    if (row == table.zero) continue;
    const double* g = grad_y.as<double>() + pixel * grad_y.pixel_stride + k;
    Lanes value = {};
    if (width == lane_count) {
      value = *lanes_at(row + c);
    } else {
      for (int64_t i = 0; i < width; ++i) value[i] = row[c + i];
    }
    for (int64_t i = 0; i < pixel_block; ++i) sum[i] += g[std::min(i, count - 1)] * value;
  }
  for (int64_t i = 0; i < count; ++i) *lanes_at(target(i)) = sum[i];
}

}  // namespace

void conv2d_forward(Context& context, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams& params) {
  int64_t taps = w.h() * w.w();
  TapTable table(context, y.rows(), taps, x.c());
  fill_forward_table(context, table, x, y.shape, y.as<double>(), y.pixel_stride, w.h(), w.w(), params);
  Workspace panels(context, static_cast<size_t>(round_up(w.n(), lane_count) * taps * x.c()) * sizeof(double));
  pack_weights(context, w, false, panels.as<double>());
  multiply(context, table, x.c(), y.c(), y.lanes, panels.as<double>(), {bias.as<double>(), params.relu});
}

void conv2d_backward_input(Context& context, ConstView grad_y, ConstView w, View grad_x, const Conv2dParams& params) {
  int64_t taps = w.h() * w.w(), C = w.c();
  bool fold = params.padding > 0 && params.padding_mode != PaddingMode::zeros;
  Shape shape = grad_x.shape;
  if (fold) shape = {shape[0], C, shape[2] + 2 * params.padding, shape[3] + 2 * params.padding};
  Workspace memory(context, fold ? static_cast<size_t>(owner_storage_elements(shape)) * sizeof(double) : 0);
  View target = fold ? View{memory.as<double>(), DType::f64, shape, padded_channels(C), padded_channels(C)} : grad_x;

  TapTable table(context, target.rows(), taps, grad_y.c());
  fill_backward_table(context, table, grad_y, target, w.h(), w.w(), params.stride, fold ? 0 : params.padding);
  Workspace panels(context, static_cast<size_t>(round_up(C, lane_count) * taps * w.n()) * sizeof(double));
  pack_weights(context, w, true, panels.as<double>());
  multiply(context, table, w.n(), C, target.lanes, panels.as<double>(), {});
  if (fold) fold_border(context, target, grad_x, params.padding, params.padding_mode);
}

void conv2d_backward_weight(Context& context, ConstView x, ConstView grad_y, View grad_w, const Conv2dParams& params) {
  int64_t taps = grad_w.h() * grad_w.w(), blocks = (grad_w.n() + pixel_block - 1) / pixel_block;
  TapTable table(context, grad_y.rows(), taps, x.c());
  fill_forward_table(context, table, x, grad_y.shape, nullptr, 0, grad_w.h(), grad_w.w(), params);
  fill_zero(context, grad_w);
  parallel_for(context, blocks * taps, 1, [&, taps](int64_t begin, int64_t end) {
    for (int64_t first = 0; first < table.pixels; first += chunk) {
      int64_t last = std::min(first + chunk, table.pixels);
      for (int64_t item = begin; item < end; ++item) {
        for (int64_t c = 0; c < x.c(); c += lane_count) {
          weight_block(table, x, grad_y, grad_w, item % taps, item / taps * pixel_block, c, first, last);
        }
      }
    }
  });
  zero_pad_lanes(context, grad_w);  // 0 · NaN may have gone there
}

}  // namespace cuunet::reference
