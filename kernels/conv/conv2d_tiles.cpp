// The work is split into blocks of pixels by up to four vectors of output channels. A block walks through the products
// in runs of 16: while one run's weights (4 KB) stay in the first cache, tile after tile of the block's pixels adds
// them up in registers and then to the block's recent sums; every eight runs, those go to the block's earlier sums.
#include "kernels/conv/conv2d_tiles.h"

#include "kernels/conv/kept_weights.h"
#include "kernels/conv/pack_weights.h"
#include "kernels/conv/tap_rows.h"
#include "kernels/device/parallel.h"
#include "kernels/device/register_lanes.h"

#include <cstring>

namespace cuunet::tiles {
namespace {

constexpr int64_t most_vectors = 4, most_pixels = 96, most_rows = most_pixels * 49, run_length = 16, runs_together = 8,
                  tile_multiple = 24;

struct KeptTiles final : KeptWeights {
  KeptTiles(Context& context, ConstView w, bool rotated)
      : KeptTiles(context, w, rotated, round_up(rotated ? w.c() : w.n(), lane_count), rotated ? w.n() : w.c()) {}
  Workspace memory;  // [outputs / 16][taps][inputs][16]

 private:
  KeptTiles(Context& context, ConstView w, bool rotated, int64_t outputs, int64_t inputs)
      : memory(context, static_cast<size_t>(outputs * w.h() * w.w() * inputs) * sizeof(float)) {
    BlockedWeights format{.block = lane_count,
                          .out = outputs,
                          .in = inputs,
                          .r = w.h(),
                          .s = w.w(),
                          .out_stride = w.h() * w.w() * inputs * lane_count,
                          .in_stride = lane_count,
                          .r_stride = w.w() * inputs * lane_count,
                          .s_stride = inputs * lane_count};
    pack_weights(context, w, rotated, format, DType::f32, memory.as<float>());
  }
};

// What all blocks share.
struct Convolution {
  ConstView x;
  View y;
  const float* weights;
  const float* bias;
  const float* zero;  // `inputs` zeros: a pixel outside the image
  int64_t inputs, taps, R, S;
  Conv2dParams params;
  int64_t vector_stride() const { return taps * inputs * lane_count; }
};

// rows[pixel][tap]: the channels that an output pixel reads at a tap; zeros up to whole tiles.
inline void find_rows(const Convolution& t, int64_t first, int64_t count, const float** rows) {
  int64_t Q = t.y.w(), P = t.y.h();
  for (int64_t pixel = first; pixel < first + count; ++pixel) {
    int64_t q = pixel % Q, p = pixel / Q % P, n = pixel / (Q * P);
    rows = find_tap_rows<float>(t.x, n, p, q, t.R, t.S, t.params, t.zero, rows);
  }
  std::fill_n(rows, (round_up(count, tile_multiple) - count) * t.taps, t.zero);
}

// Products that are added before their sum goes to the others: the channels of some whole taps, or a part of those of
// one tap.
struct Run {
  int64_t tap, taps, channel, channels;
};

// sums[pixel][vector] += Σ_run rows[pixel][tap][c] · weights[vector][tap][c]
template <Isa isa, int64_t pixels, int64_t vectors>
inline void add_tile(const Convolution& t, const float* const* rows, const float* weights, Run run, Lanes* sums) {
  using Floats = typename Register<float, isa>::type;
  constexpr int64_t lanes = register_lanes<float, isa>, per_vector = lane_count / lanes, columns = vectors * per_vector;
  Floats sum[pixels][columns];
#pragma GCC unroll 12
  for (int64_t i = 0; i < pixels; ++i) {
#pragma GCC unroll 4
    for (int64_t v = 0; v < columns; ++v) sum[i][v] = Floats{};
  }
  int64_t vector_stride = t.vector_stride();
  for (int64_t tap = run.tap; tap < run.tap + run.taps; ++tap) {
    const float* row[pixels];
#pragma GCC unroll 12
    for (int64_t i = 0; i < pixels; ++i) row[i] = rows[i * t.taps + tap] + run.channel;
    const float* panel = weights + (tap * t.inputs + run.channel) * lane_count;
#pragma GCC unroll 2
    for (int64_t c = 0; c < run.channels; ++c, panel += lane_count) {
      Floats w[columns];
#pragma GCC unroll 4
      for (int64_t v = 0; v < columns; ++v)
        w[v] = *reinterpret_cast<const Floats*>(panel + v / per_vector * vector_stride + v % per_vector * lanes);
#pragma GCC unroll 12
      for (int64_t i = 0; i < pixels; ++i) {
#pragma GCC unroll 4
        for (int64_t v = 0; v < columns; ++v) sum[i][v] += row[i][c] * w[v];
      }
    }
  }
  auto* to = reinterpret_cast<Floats*>(sums);
#pragma GCC unroll 12
  for (int64_t i = 0; i < pixels; ++i) {
#pragma GCC unroll 4
    for (int64_t v = 0; v < columns; ++v) to[i * columns + v] += sum[i][v];
  }
}

// Each tile asks for one row of the next run's weights, which lie behind this run's: those of large layers come from
// beyond the second cache, and waiting for them would cost a fifth of the time.
template <Isa isa, int64_t pixels, int64_t vectors>
inline void add_run(const Convolution& t, const float* const* rows, int64_t count, const float* weights, Run run,
                    Lanes* sums) {
  const float* next = weights + ((run.tap + run.taps - 1) * t.inputs + run.channel + run.channels) * lane_count;
  for (int64_t i = 0; i < count; i += pixels, next += lane_count) {
#pragma GCC unroll 4
    for (int64_t v = 0; v < vectors; ++v) __builtin_prefetch(next + v * t.vector_stride());
    add_tile<isa, pixels, vectors>(t, rows + i * t.taps, weights, run, sums + i * vectors);
  }
}

// y = relu(sums + bias) for `count` pixels and the channels of `vectors` vectors.
inline void store(const Convolution& t, int64_t first_pixel, int64_t count, int64_t first_channel, int64_t vectors,
                  const Lanes* sums) {
  Lanes bias[most_vectors] = {};
  int64_t channels = std::clamp<int64_t>(t.y.c() - first_channel, 0, vectors * lane_count);
  int64_t lanes = std::min(t.y.lanes - first_channel, vectors * lane_count);
  for (int64_t c = 0; c < channels && t.bias != nullptr; ++c)
    bias[c / lane_count][c % lane_count] = t.bias[first_channel + c];
  for (int64_t i = 0; i < count; ++i) {
    float* y = t.y.as<float>() + (first_pixel + i) * t.y.pixel_stride + first_channel;
    const auto* value = reinterpret_cast<const float*>(sums + i * vectors);
    const auto* b = reinterpret_cast<const float*>(bias);
    for (int64_t c = 0; c < channels; ++c) {
      float sum = value[c] + b[c];
      y[c] = t.params.relu && sum < 0 ? 0.0f : sum;
    }
    for (int64_t c = channels; c < lanes; ++c) y[c] = 0;
  }
}

// The sums of one block: of the last few runs, and of all runs before.
template <int64_t vectors>
struct BlockSums {
  Lanes recent[most_pixels * vectors] = {}, earlier[most_pixels * vectors] = {};
  int64_t runs = 0;

  void count_run(int64_t pixels) {
    if (++runs % runs_together == 0) gather(pixels);
  }
  void gather(int64_t pixels) {
    for (int64_t i = 0; i < pixels * vectors; ++i) {
      earlier[i] += recent[i];
      recent[i] = Lanes{};
    }
  }
};

template <Isa isa, int64_t pixels, int64_t vectors>
inline void compute_block(const Convolution& t, const float* const* rows, int64_t first_pixel, int64_t count,
                          int64_t first_vector) {
  BlockSums<vectors> sums;
  const float* weights = t.weights + first_vector * t.vector_stride();
  int64_t taps = std::max<int64_t>(1, run_length / t.inputs), parts = (t.inputs + run_length - 1) / run_length;
  for (int64_t tap = 0; tap < t.taps; tap += taps) {
    for (int64_t part = 0; part < parts; ++part) {
      int64_t begin = t.inputs * part / parts, end = t.inputs * (part + 1) / parts;
      Run run{tap, std::min(taps, t.taps - tap), begin, end - begin};
      add_run<isa, pixels, vectors>(t, rows, count, weights, run, sums.recent);
      sums.count_run(count);
    }
  }
  sums.gather(count);
  store(t, first_pixel, count, first_vector * lane_count, vectors, sums.earlier);
}

void convolve(Context& context, const Convolution& t) {
  int64_t pixels = t.y.rows(), vectors = (t.y.lanes + lane_count - 1) / lane_count;
  int64_t groups = (vectors + most_vectors - 1) / most_vectors;
  int64_t block = std::min(most_pixels, most_rows / t.taps / tile_multiple * tile_multiple),
          blocks = (pixels + block - 1) / block;
  parallel_for_isa(context, blocks * groups, 1, [=, &t]<Isa isa>(int64_t begin, int64_t end) {
    const float* rows[most_rows];
    for (int64_t item = begin; item < end; ++item) {
      int64_t first = pixels * (item / groups) / blocks, count = pixels * (item / groups + 1) / blocks - first;
      int64_t group = item % groups, vector = vectors * group / groups;
      if (item == begin || group == 0) find_rows(t, first, count, rows);
      for_register_tiles<isa>(vector, vectors * (group + 1) / groups - vector,
                              [&]<int64_t tile, int64_t together>(int64_t v) {
                                compute_block<isa, tile, together>(t, rows, first, count, v);
                              });
    }
  });
}

void convolve(Context& context, ConstView x, ConstView w, const KeptTiles& packed, ConstView bias, View y,
              const Conv2dParams& params) {
  auto row_bytes = static_cast<size_t>(x.c()) * sizeof(float);
  Workspace zeros(context, row_bytes);
  std::memset(zeros.as<void>(), 0, row_bytes);
  convolve(context, {.x = x,
                     .y = y,
                     .weights = packed.memory.as<float>(),
                     .bias = bias.as<float>(),
                     .zero = zeros.as<float>(),
                     .inputs = x.c(),
                     .taps = w.h() * w.w(),
                     .R = w.h(),
                     .S = w.w(),
                     .params = params});
}

}  // namespace

bool can_convolve(ConstView x, const Shape& w, ConstView y) {
  return x.dtype == DType::f32 && y.dtype == DType::f32 && w[2] * w[3] <= most_rows / tile_multiple;
}

void conv2d_forward(Context& context, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams& params) {
  auto packed = kept_weights<KeptTiles>(params.cache, [&] { return std::make_shared<KeptTiles>(context, w, false); });
  convolve(context, x, w, *packed, bias, y, params);
}

void conv2d_rotated(Context& context, ConstView x, ConstView w, View y, const Conv2dParams& params) {
  convolve(context, x, w, KeptTiles(context, w, true), {}, y, params);
}

}  // namespace cuunet::tiles
