// Sums per channel over rows of pixels on the CPU: fixed blocks of rows, added in order in double, so that the bits do
// not depend on the threads.
#pragma once

#include "kernels/device/parallel.h"
#include "kernels/device/view.h"

#include <algorithm>

namespace cuunet::norm {

// Consecutive pixels of a view.
template <class T>
struct Rows {
  T* data;
  int64_t count, stride, channels;

  T* row(int64_t r) const { return data + r * stride; }
};

// [N, C] counts as [N, C, 1, 1] without pad lanes.
template <class Void>
BasicView<Void> as_maps(BasicView<Void> v) {
  if (v.shape.rank() == 2) return {v.data, v.dtype, {v.shape[0], v.shape[1], 1, 1}, v.shape[1], v.shape[1]};
  return v;
}

// All pixels, or those of one image.
template <class T, class Void>
auto rows_of(BasicView<Void> v) {
  auto* data = v.template as<T>();
  return Rows<std::remove_pointer_t<decltype(data)>>{data, v.rows(), v.pixel_stride, v.columns()};
}
template <class T, class Void>
auto rows_of_image(BasicView<Void> v, int64_t image) {
  auto rows = rows_of<T>(v);
  rows.count = v.h() * v.w();
  rows.data += image * rows.count * v.pixel_stride;
  return rows;
}

constexpr int64_t block_elements = 32768;  // 128 KiB of f32: the second pass over a block reads it from the L2 cache

// At most 512 rows: sums within a block are in f32, and a longer one of few channels would round away what the mean and
// the gradient's sum must be exact to.
inline int64_t block_rows(int64_t channels) {
  return std::clamp<int64_t>(block_elements / std::max<int64_t>(1, channels), 32, 512);
}

// sums[c] = Σ_r x[r][c], four rows to one pass over the sums.
template <class T, class A>
inline void sum_rows(const Rows<const T>& x, int64_t begin, int64_t end, A* __restrict sums) {
  int64_t channels = x.channels;
  for (int64_t c = 0; c < channels; ++c) sums[c] = 0;
  int64_t r = begin;
  for (; r + 4 <= end; r += 4) {
    const T *a = x.row(r), *b = x.row(r + 1), *d = x.row(r + 2), *e = x.row(r + 3);
    for (int64_t c = 0; c < channels; ++c)
      sums[c] += (static_cast<A>(a[c]) + static_cast<A>(b[c])) + (static_cast<A>(d[c]) + static_cast<A>(e[c]));
  }
  for (; r < end; ++r) {
    const T* a = x.row(r);
    for (int64_t c = 0; c < channels; ++c) sums[c] += static_cast<A>(a[c]);
  }
}

// squares[c] = Σ_r (x[r][c] - mean[c])²
template <class T, class A>
inline void sum_squares(const Rows<const T>& x, int64_t begin, int64_t end, const A* __restrict mean,
                        A* __restrict squares) {
  int64_t channels = x.channels;
  for (int64_t c = 0; c < channels; ++c) squares[c] = 0;
  int64_t r = begin;
  for (; r + 2 <= end; r += 2) {
    const T *a = x.row(r), *b = x.row(r + 1);
    for (int64_t c = 0; c < channels; ++c) {
      A p = static_cast<A>(a[c]) - mean[c], q = static_cast<A>(b[c]) - mean[c];
      squares[c] += p * p + q * q;
    }
  }
  for (; r < end; ++r) {
    const T* a = x.row(r);
    for (int64_t c = 0; c < channels; ++c) {
      A p = static_cast<A>(a[c]) - mean[c];
      squares[c] += p * p;
    }
  }
}

// Where an upstream gradient counts: everywhere, or where the normalised value passed the ReLU after it.
struct Everywhere {
  bool operator()(int64_t, auto) const { return true; }
};
template <class A>
struct WherePositive {
  const A *scale, *bias;
  bool operator()(int64_t c, A centred) const { return centred * scale[c] + bias[c] > 0; }
};

// plain[c] = Σ_r g[r][c], centred[c] = Σ_r g[r][c]·(x[r][c] - mean[c]), over the elements that count
template <class T, class A, class Counts>
inline void sum_products(const Rows<const T>& g, const Rows<const T>& x, int64_t begin, int64_t end,
                         const A* __restrict mean, const Counts& counts, A* __restrict plain, A* __restrict centred) {
  int64_t channels = x.channels;
  for (int64_t c = 0; c < channels; ++c) plain[c] = centred[c] = 0;
  auto centre = [&](const T* row, int64_t c) { return static_cast<A>(row[c]) - mean[c]; };
  auto counted = [&](const T* row, int64_t c, A value) { return counts(c, value) ? static_cast<A>(row[c]) : A(0); };
  int64_t r = begin;
  for (; r + 2 <= end; r += 2) {
    const T *ga = g.row(r), *gb = g.row(r + 1), *xa = x.row(r), *xb = x.row(r + 1);
    for (int64_t c = 0; c < channels; ++c) {
      A u = centre(xa, c), v = centre(xb, c), p = counted(ga, c, u), q = counted(gb, c, v);
      plain[c] += p + q;
      centred[c] += p * u + q * v;
    }
  }
  for (; r < end; ++r) {
    const T *ga = g.row(r), *xa = x.row(r);
    for (int64_t c = 0; c < channels; ++c) {
      A u = centre(xa, c), p = counted(ga, c, u);
      plain[c] += p;
      centred[c] += p * u;
    }
  }
}

// Calls block(begin row, end row, first [C], second [C]) for every block of rows, then merge(first channel, last
// channel, count of blocks, sums) on parts of the channels, where sums + (2·block)·C are a block's first [C].
template <class A, class Block, class Merge>
void for_blocks(Context& context, int64_t rows, int64_t channels, const Block& block, const Merge& merge) {
  int64_t length = block_rows(channels), blocks = (rows + length - 1) / length;
  Workspace workspace(context, static_cast<size_t>(blocks * 2 * channels) * sizeof(A));
  A* sums = workspace.as<A>();
  parallel_for(context, blocks, 1, [=](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      A* first = sums + 2 * b * channels;
      block(b * length, std::min(rows, (b + 1) * length), first, first + channels);
    }
  });
  int64_t grain = std::max<int64_t>(8, block_elements / std::max<int64_t>(1, blocks));
  parallel_for(context, channels, grain, [=](int64_t begin, int64_t end) { merge(begin, end, blocks, sums); });
}

// mean[c] and squares[c] = Σ_r (x[r][c] - mean[c])². Blocks are merged as in Chan, Golub, LeVeque, "Algorithms for
// computing the sample variance" (1983). One pass over memory.
template <class T, class A = accumulator_t<T>>
void moments(Context& context, Rows<const T> x, double* mean, double* squares) {
  int64_t rows = x.count, channels = x.channels, length = block_rows(channels);
  auto block = [=](int64_t begin, int64_t end, A* block_mean, A* block_squares) {
    sum_rows(x, begin, end, block_mean);
    A share = A(1) / static_cast<A>(end - begin);
    for (int64_t c = 0; c < channels; ++c) block_mean[c] *= share;
    sum_squares(x, begin, end, block_mean, block_squares);
  };
  auto merge = [=](int64_t begin, int64_t end, int64_t blocks, const A* sums) {
    for (int64_t c = begin; c < end; ++c) mean[c] = squares[c] = 0;
    for (int64_t b = 0; b < blocks; ++b) {
      const A *block_mean = sums + 2 * b * channels, *block_squares = block_mean + channels;
      auto before = static_cast<double>(b * length),
           own = static_cast<double>(std::min(rows, (b + 1) * length) - b * length);
      double share = own / (before + own), weight = before * share;
      for (int64_t c = begin; c < end; ++c) {
        double delta = static_cast<double>(block_mean[c]) - mean[c];
        mean[c] += delta * share;
        squares[c] += static_cast<double>(block_squares[c]) + delta * delta * weight;
      }
    }
  };
  for_blocks<A>(context, rows, channels, block, merge);
}

// plain[c] = Σ_r g[r][c], centred[c] = Σ_r g[r][c]·(x[r][c] - mean[c]), over the elements that count
template <class T, class A, class Counts>
void product_sums(Context& context, Rows<const T> g, Rows<const T> x, const A* mean, const Counts& counts,
                  double* plain, double* centred) {
  int64_t channels = x.channels;
  auto block = [=](int64_t begin, int64_t end, A* first, A* second) {
    sum_products(g, x, begin, end, mean, counts, first, second);
  };
  auto merge = [=](int64_t begin, int64_t end, int64_t blocks, const A* sums) {
    for (int64_t c = begin; c < end; ++c) plain[c] = centred[c] = 0;
    for (int64_t b = 0; b < blocks; ++b) {
      const A *first = sums + 2 * b * channels, *second = first + channels;
      for (int64_t c = begin; c < end; ++c) {
        plain[c] += static_cast<double>(first[c]);
        centred[c] += static_cast<double>(second[c]);
      }
    }
  };
  for_blocks<A>(context, x.count, channels, block, merge);
}

// y = f((x - shift)·scale + bias) per channel; zero in the pad lanes.
template <class T, class A, class F>
void normalise(Context& context, Rows<const T> x, const A* shift, const A* scale, const A* bias, Rows<T> y,
               int64_t lanes, const F& f) {
  int64_t channels = x.channels;
  parallel_for(context, x.count, block_rows(channels), [=](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const T* in = x.row(r);
      T* out = y.row(r);
#pragma GCC ivdep  // y may be x
      for (int64_t c = 0; c < channels; ++c)
        out[c] = static_cast<T>(f((static_cast<A>(in[c]) - shift[c]) * scale[c] + bias[c]));
      for (int64_t c = channels; c < lanes; ++c) out[c] = T{};
    }
  });
}

// grad_x = scale·(g where it counts - plain - (x - mean)·centred) per channel; zero in the pad lanes.
template <class T, class A, class Counts>
void normalise_backward(Context& context, Rows<const T> g, Rows<const T> x, const A* mean, const A* scale,
                        const A* plain, const A* centred, const Counts& counts, Rows<T> grad_x, int64_t lanes) {
  int64_t channels = x.channels;
  parallel_for(context, x.count, block_rows(channels), [=](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const T *in = x.row(r), *up = g.row(r);
      T* out = grad_x.row(r);
#pragma GCC ivdep  // grad_x may be grad_y
      for (int64_t c = 0; c < channels; ++c) {
        A centre = static_cast<A>(in[c]) - mean[c];
        A counted = counts(c, centre) ? static_cast<A>(up[c]) : A(0);
        out[c] = static_cast<T>(scale[c] * (counted - plain[c] - centre * centred[c]));
      }
      for (int64_t c = channels; c < lanes; ++c) out[c] = T{};
    }
  });
}

}  // namespace cuunet::norm
