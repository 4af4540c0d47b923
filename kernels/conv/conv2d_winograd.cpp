// The work is split into blocks of tiles by up to four vectors of output channels. A block's inputs are transformed to
// 16 matrices [tiles][channels], each of which is multiplied by one of the 16 matrices of the transformed weights: in
// runs of channels whose weights (4 KB) and inputs (5 KB) stay in the first cache, as in conv2d_tiles.cpp.
#include "kernels/conv/conv2d_winograd.h"

#include "kernels/conv/kept_weights.h"
#include "kernels/conv/tap_rows.h"
#include "kernels/conv/winograd_tile.h"
#include "kernels/conv/winograd_weights.h"
#include "kernels/device/parallel.h"

#include <cstring>

namespace cuunet::winograd {
namespace {

constexpr int64_t most_vectors = 4, run_length = 16, runs_together = 8, tile_multiple = 24, most_tiles = 72;

// What all blocks share. Channels are taken in `runs` parts of at most 16.
struct Convolution {
  ConstView x;
  View y;
  const float* weights;
  const double* wide_weights;
  const float* bias;
  const float* zero;  // x.pixel_stride zeros: a pixel outside the image
  int64_t inputs, runs;
  Conv2dParams params;
  int64_t tile_rows() const { return (y.h() + 1) / 2; }
  int64_t tile_columns() const { return (y.w() + 1) / 2; }
  int64_t tiles() const { return y.n() * tile_rows() * tile_columns(); }
  int64_t vectors() const { return (y.lanes + lane_count - 1) / lane_count; }
  int64_t run_begin(int64_t run) const { return inputs * run / runs; }
};

// One thread's scratch memory: the transformed inputs, [15 cells][runs][tiles][16] and [runs][tiles][16] doubles, and
// the products of up to four vectors of outputs, [16 cells][tiles][vectors]. A cell's part ends with a spare line:
// without it the 16 parts would begin in the same set of the first cache.
struct Scratch {
  Scratch(const Convolution& t, float* memory)
      : inputs(memory),
        wide_inputs(reinterpret_cast<double*>(inputs + float_cells * input_cell(t))),
        products(reinterpret_cast<Lanes*>(wide_inputs + input_cell(t))) {}
  float* inputs;
  double* wide_inputs;
  Lanes* products;
  static int64_t input_cell(const Convolution& t) { return (t.runs * most_tiles + 1) * lane_count; }
  static constexpr int64_t product_cell = most_tiles * most_vectors + 1;
  static int64_t size(const Convolution& t) {
    return (float_cells + 2) * input_cell(t) + cells * product_cell * lane_count;
  }
};

// Of `count` tiles from `first`, and zeros up to a whole number of products' tiles.
template <Isa isa>
inline void transform_block(const Convolution& t, int64_t first, int64_t count, const Scratch& scratch) {
  constexpr int64_t width = register_lanes<float, isa>;
  int64_t columns = t.tile_columns(), stride = Scratch::input_cell(t);
  Conv2dParams patches = t.params;
  patches.stride = 2;
  for (int64_t i = 0; i < round_up(count, tile_multiple); ++i) {
    const float* rows[cells];
    int64_t tile = first + i, q = tile % columns, p = tile / columns % t.tile_rows(),
            n = tile / columns / t.tile_rows();
    if (i < count)
      find_tap_rows<float>(t.x, n, p, q, 4, 4, patches, t.zero, rows);
    else
      std::fill_n(rows, cells, t.zero);
    for (int64_t run = 0; run < t.runs; ++run) {
      int64_t channel = t.run_begin(run), lanes = t.x.lanes - channel, to = (run * most_tiles + i) * lane_count;
      for (int64_t c = 0; c < lane_count; c += width) {
        float* floats = scratch.inputs + to + c;
        double* wide = scratch.wide_inputs + to + c;
        if (lanes - c >= width)
          transform_inputs<isa>(rows, channel + c, width, floats, stride, wide);
        else
          transform_inputs<isa>(rows, channel + c, lanes - c, floats, stride, wide);
      }
    }
  }
}

// sums[tile][vector] += Σ_c inputs[tile][c] · weights[vector][c], or = where they are the first. A vector of sums is
// made up of registers of type Part.
template <class Part, int64_t tiles, int64_t vectors, class Vector, class Value>
inline void add_tile(const Value* inputs, const Value* weights, int64_t vector_stride, int64_t channels, bool first,
                     Vector* sums) {
  constexpr int64_t lanes = sizeof(Part) / sizeof(Value), parts = sizeof(Vector) / sizeof(Part),
                    columns = vectors * parts;
  Part sum[tiles][columns];
#pragma GCC unroll 12
  for (int64_t i = 0; i < tiles; ++i) {
#pragma GCC unroll 4
    for (int64_t v = 0; v < columns; ++v) sum[i][v] = Part{};
  }
#pragma GCC unroll 2
  for (int64_t c = 0; c < channels; ++c, weights += lanes * parts) {
    Part w[columns];
#pragma GCC unroll 4
    for (int64_t v = 0; v < columns; ++v)
      w[v] = *reinterpret_cast<const Part*>(weights + v / parts * vector_stride + v % parts * lanes);
#pragma GCC unroll 12
    for (int64_t i = 0; i < tiles; ++i) {
#pragma GCC unroll 4
      for (int64_t v = 0; v < columns; ++v) sum[i][v] += inputs[i * lane_count + c] * w[v];
    }
  }
  auto* all = reinterpret_cast<Part*>(sums);
#pragma GCC unroll 12
  for (int64_t i = 0; i < tiles; ++i) {
#pragma GCC unroll 4
    for (int64_t v = 0; v < columns; ++v) {
      Part& to = all[i * columns + v];
      to = first ? sum[i][v] : to + sum[i][v];
    }
  }
}

// sums = the products of the runs begin … end-1. Each tile asks for one row of the next run's weights.
template <class Part, int64_t tiles, int64_t vectors, class Vector, class Value>
inline void multiply_runs(const Convolution& t, int64_t count, int64_t begin, int64_t end, const Value* inputs,
                          const Value* weights, int64_t vector_stride, Vector* sums) {
  constexpr int64_t width = sizeof(Vector) / sizeof(Value);
  for (int64_t run = begin; run < end; ++run) {
    int64_t channel = t.run_begin(run), channels = t.run_begin(run + 1) - channel;
    const Value* panel = weights + channel * width;
    const Value* next = panel + channels * width;
    for (int64_t i = 0; i < count; i += tiles, next += width) {
#pragma GCC unroll 4
      for (int64_t v = 0; v < vectors; ++v) __builtin_prefetch(next + v * vector_stride);
      add_tile<Part, tiles, vectors>(inputs + (run * most_tiles + i) * lane_count, panel, vector_stride, channels,
                                     run == begin, sums + i * vectors);
    }
  }
}

// The products of one cell in float: runs' sums are added in groups of eight, and the groups' sums to each other.
template <class Part, int64_t tiles, int64_t vectors>
inline void multiply_cell(const Convolution& t, int64_t count, const float* inputs, const float* weights,
                          Lanes* products) {
  int64_t vector_stride = float_cells * t.inputs * lane_count;
  for (int64_t run = 0; run < t.runs; run += runs_together) {
    Lanes recent[most_tiles * vectors];
    multiply_runs<Part, tiles, vectors>(t, count, run, std::min(run + runs_together, t.runs), inputs, weights,
                                        vector_stride, run == 0 ? products : recent);
    for (int64_t i = 0; i < count * vectors && run > 0; ++i) products[i] += recent[i];
  }
}

// The products of the cell (1, 1): in two halves, because a vector holds half as many doubles.
template <class Part, int64_t tiles, int64_t vectors>
inline void multiply_wide_cell(const Convolution& t, int64_t count, const double* inputs, const double* weights,
                               Lanes* products) {
  int64_t vector_stride = t.inputs * 8;
  for (int64_t half = 0; half < 2; ++half) {
    WideLanes sums[most_tiles * vectors];
    multiply_runs<Part, tiles, vectors>(t, count, 0, t.runs, inputs, weights + half * vectors * vector_stride,
                                        vector_stride, sums);
    for (int64_t i = 0; i < count; ++i) {
      auto* to = reinterpret_cast<HalfLanes*>(products + i * vectors) + half * vectors;
      for (int64_t v = 0; v < vectors; ++v) to[v] = __builtin_convertvector(sums[i * vectors + v], HalfLanes);
    }
  }
}

template <Isa isa>
inline void store(const Convolution& t, float* y, int64_t channel, typename Register<float, isa>::type value) {
  using Floats = typename Register<float, isa>::type;
  constexpr int64_t width = register_lanes<float, isa>;
  if (t.params.relu) value = value < Floats{} ? Floats{} : value;
  if (channel + width <= t.y.c()) {
    *reinterpret_cast<typename Register<float, isa>::anywhere*>(y) = value;
    return;
  }
  int64_t lanes = std::min(t.y.lanes - channel, width);
  for (int64_t i = 0; i < lanes; ++i) y[i] = channel + i < t.y.c() ? value[i] : 0.0f;
}

// y = relu(Aᵀ products A + bias) for `count` tiles and the channels of `vectors` vectors.
template <Isa isa>
inline void store_block(const Convolution& t, int64_t first, int64_t count, int64_t first_channel, int64_t vectors,
                        const Lanes* products) {
  using Floats = typename Register<float, isa>::type;
  constexpr int64_t width = register_lanes<float, isa>, per_vector = lane_count / width;
  auto* parts = reinterpret_cast<const Floats*>(products);
  alignas(64) float bias[most_vectors * lane_count] = {};
  int64_t columns = t.tile_columns();
  for (int64_t c = 0; c < std::min(t.y.c() - first_channel, vectors * lane_count) && t.bias != nullptr; ++c)
    bias[c] = t.bias[first_channel + c];
  for (int64_t i = 0; i < count; ++i) {
    int64_t tile = first + i, q = tile % columns * 2, p = tile / columns % t.tile_rows() * 2,
            n = tile / columns / t.tile_rows();
    int64_t high = std::min<int64_t>(2, t.y.h() - p), wide = std::min<int64_t>(2, t.y.w() - q);
    for (int64_t v = 0; v < vectors * per_vector; ++v) {
      Floats value[2][2];
      transform_products(parts + i * vectors * per_vector + v, Scratch::product_cell * per_vector, value);
      int64_t channel = first_channel + v * width;
      float* y = t.y.as<float>() + t.y.offset(n, channel, p, q);
      for (int64_t r = 0; r < high; ++r) {
        for (int64_t s = 0; s < wide; ++s)
          store<isa>(t, y + (r * t.y.w() + s) * t.y.pixel_stride, channel,
                     value[r][s] + *reinterpret_cast<const Floats*>(bias + v * width));
      }
    }
  }
}

template <Isa isa, int64_t tiles, int64_t vectors>
inline void multiply_block(const Convolution& t, int64_t first, int64_t count, int64_t first_vector,
                           const Scratch& scratch) {
  int64_t plane = t.inputs * lane_count;
  for (int64_t cell = 0; cell < float_cells; ++cell)
    multiply_cell<typename Register<float, isa>::type, tiles, vectors>(
        t, count, scratch.inputs + cell * Scratch::input_cell(t),
        t.weights + (first_vector * float_cells + cell) * plane, scratch.products + cell * Scratch::product_cell);
  multiply_wide_cell<typename Register<double, isa>::type, tiles, vectors>(
      t, count, scratch.wide_inputs, t.wide_weights + first_vector * plane,
      scratch.products + float_cells * Scratch::product_cell);
  store_block<isa>(t, first, count, first_vector * lane_count, vectors, scratch.products);
}

// Each part has its own scratch memory; what it computes does not depend on the number of parts.
void convolve(Context& context, const Convolution& t) {
  int64_t tiles = t.tiles(), vectors = t.vectors();
  int64_t groups = (vectors + most_vectors - 1) / most_vectors, blocks = (tiles + most_tiles - 1) / most_tiles;
  int64_t items = blocks * groups, parts = std::min<int64_t>(items, context.threads());
  Workspace memory(context, static_cast<size_t>(parts * Scratch::size(t)) * sizeof(float));
  parallel_for_isa(
      context, parts, 1, [=, &t, floats = memory.as<float>()]<Isa isa>(int64_t first_part, int64_t last_part) {
        for (int64_t part = first_part; part < last_part; ++part) {
          Scratch scratch(t, floats + part * Scratch::size(t));
          int64_t begin = items * part / parts, end = items * (part + 1) / parts;
          for (int64_t item = begin; item < end; ++item) {
            int64_t first = tiles * (item / groups) / blocks, some = tiles * (item / groups + 1) / blocks - first;
            int64_t group = item % groups, vector = vectors * group / groups;
            if (item == begin || group == 0) transform_block<isa>(t, first, some, scratch);
            for_register_tiles<isa>(vector, vectors * (group + 1) / groups - vector,
                                    [&]<int64_t tile, int64_t together>(int64_t v) {
                                      multiply_block<isa, tile, together>(t, first, some, v, scratch);
                                    });
          }
        }
      });
}

void convolve(Context& context, ConstView x, const TransformedWeights& weights, ConstView bias, View y,
              const Conv2dParams& params) {
  auto row_bytes = static_cast<size_t>(x.pixel_stride) * sizeof(float);
  Workspace zeros(context, row_bytes);
  std::memset(zeros.as<void>(), 0, row_bytes);
  convolve(context, {.x = x,
                     .y = y,
                     .weights = weights.floats.as<float>(),
                     .wide_weights = weights.doubles.as<double>(),
                     .bias = bias.as<float>(),
                     .zero = zeros.as<float>(),
                     .inputs = x.c(),
                     .runs = (x.c() + run_length - 1) / run_length,
                     .params = params});
}

}  // namespace

// Below 16 channels the transforms cost what they save. A tile saves 20 of 36 products per pair of channels, against
// twice as many weights to read and to keep: beyond 2,048 pairs per tile it would still be faster (4 % of the network's
// time at 256 px), for 60 MiB more at 512 px.
bool should_convolve(ConstView x, const Shape& w, ConstView y, const Conv2dParams& params) {
  if (!params.winograd || x.dtype != DType::f32 || y.dtype != DType::f32) return false;
  if (w[2] != 3 || w[3] != 3 || params.stride != 1 || params.padding != 1) return false;
  int64_t tiles = y.n() * ((y.h() + 1) / 2) * ((y.w() + 1) / 2);
  return std::min(x.c(), y.c()) >= 16 && tiles >= 32 && x.c() * y.c() <= 2048 * tiles;
}

void conv2d_forward(Context& context, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams& params) {
  auto transformed =
      kept_weights<TransformedWeights>(params.cache, [&] { return std::make_shared<TransformedWeights>(context, w); });
  convolve(context, x, *transformed, bias, y, params);
}

}  // namespace cuunet::winograd
