#include "kernels/reduce/reduce.h"

#include "kernels/device/copy.h"
#include "kernels/device/elementwise.h"
#include "kernels/reduce/axes.h"

namespace cuunet {

Shape reduced_shape(const Shape& x, unsigned dims, bool keep) {
  if (dims >> x.rank() != 0) throw ShapeError("a dimension to reduce is out of the range of {}", x.text());
  std::array<int64_t, Shape::max_rank> kept{};
  size_t rank = 0;
  for (int d = 0; d < x.rank(); ++d) {
    bool summed = (dims >> d & 1) != 0;
    if (!summed || keep) kept[rank++] = summed ? 1 : x[d];
  }
  return Shape(std::span<const int64_t>(kept.data(), rank));
}

void require_reduced(const char* op, ConstView x, ConstView y, unsigned dims) {
  if (y.shape == reduced_shape(x.shape, dims, true) || y.shape == reduced_shape(x.shape, dims, false)) return;
  throw ShapeError("{} of {} expects {} or {}, got {}", op, x.shape.text(), reduced_shape(x.shape, dims, true).text(),
                   reduced_shape(x.shape, dims, false).text(), y.shape.text());
}

namespace {

constexpr int64_t lanes = 8;  // independent sums along a row that is itself summed

// The outer indices (all dimensions but the last stored one) as kept × summed.
struct Outer {
  Axes axes;
  std::array<int64_t, 3> kept{1, 1, 1}, summed{1, 1, 1};

  int64_t kept_count() const { return kept[0] * kept[1] * kept[2]; }
  int64_t summed_count() const { return summed[0] * summed[1] * summed[2]; }
  int64_t index(int64_t k, int64_t s) const {
    int64_t i2 = kept[2] > 1 ? k % kept[2] : s % summed[2];
    int64_t i1 = kept[1] > 1 ? k / kept[2] % kept[1] : s / summed[2] % summed[1];
    int64_t i0 = kept[0] > 1 ? k / (kept[1] * kept[2]) : s / (summed[1] * summed[2]);
    return (i0 * axes.size[1] + i1) * axes.size[2] + i2;
  }
};

Outer outer_of(const Axes& axes, const Axes::Steps& summed_where) {
  Outer outer{axes};
  for (size_t d = 0; d < 3; ++d) (summed_where[d] != 0 ? outer.summed : outer.kept)[d] = axes.size[d];
  return outer;
}

template <class T>
inline void add_row(const T* x, int64_t n, double* sums) {
  for (int64_t c = 0; c < n; ++c) sums[c] += static_cast<double>(x[c]);
}

template <class T>
inline double sum_row(const T* x, int64_t n) {
  double sums[lanes] = {};
  int64_t c = 0;
  for (; c + lanes <= n; c += lanes) {
    for (int64_t k = 0; k < lanes; ++k) sums[k] += static_cast<double>(x[c + k]);
  }
  for (; c < n; ++c) sums[c % lanes] += static_cast<double>(x[c]);
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

template <class To>
inline To stored(double value) {
  if constexpr (std::is_same_v<To, double>)
    return value;
  else
    return static_cast<To>(static_cast<float>(value));
}

template <class From, class To>
void sum_of(Context& context, ConstView x, View y, const Outer& outer, const Axes::Steps& step, bool sum_last,
            double scale) {
  int64_t width = outer.axes.size[3], sums = sum_last ? 1 : width;
  int64_t length = std::max<int64_t>(1, elementwise::grain / std::max<int64_t>(1, width));
  int64_t kept = outer.kept_count(), summed = outer.summed_count(),
          blocks = std::max<int64_t>(1, (summed + length - 1) / length);
  Axes::Steps x_step = steps_of(x);
  Workspace workspace(context, static_cast<size_t>(kept * blocks * sums) * sizeof(double));
  double* partials = workspace.as<double>();
  int64_t grain = std::max<int64_t>(1, length / std::max<int64_t>(1, std::min(length, summed)));
  parallel_for(context, kept * blocks, grain, [=](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part) {
      double* own = partials + part * sums;
      for (int64_t c = 0; c < sums; ++c) own[c] = 0;
      int64_t first = part % blocks * length;
      for (int64_t s = first; s < std::min(summed, first + length); ++s) {
        const From* row = x.as<From>() + outer.axes.offset(x_step, outer.index(part / blocks, s));
        if (sum_last)
          own[0] += sum_row(row, width);
        else
          add_row(row, width, own);
      }
    }
  });
  parallel_for(context, kept, std::max<int64_t>(1, elementwise::grain / (blocks * sums)),
               [=](int64_t begin, int64_t end) {
                 for (int64_t k = begin; k < end; ++k) {
                   To* out = y.as<To>() + outer.axes.offset(step, outer.index(k, 0));
                   double* own = partials + k * blocks * sums;
                   for (int64_t b = 1; b < blocks; ++b) {
                     for (int64_t c = 0; c < sums; ++c) own[c] += own[b * sums + c];
                   }
                   for (int64_t c = 0; c < sums; ++c) out[c * step[3]] = stored<To>(scale * own[c]);
                 }
               });
}

void sum(Context& context, ConstView x, View y, ReducedDims r) {
  require_reduced("reduce_sum", x, y, r.dims);
  Axes::Steps step = reduced_steps(x, y, r.dims);
  std::array<int64_t, 4> summed{};
  for (size_t d = 0; d < 4; ++d) summed[d] = r.dims >> d & 1;
  Axes::Steps summed_where = stored_order(summed, x.shape.rank(), 0);
  visit_float(x.dtype, [&]<class From>(From) {
    visit_float(y.dtype, [&]<class To>(To) {
      sum_of<From, To>(context, x, y, outer_of(axes_of(x.shape), summed_where), step, summed_where[3] != 0, r.scale);
    });
  });
  zero_pad_lanes(context, y);
}

void repeat(Context& context, ConstView y, View x, ReducedDims r) {
  if (x.empty()) return;
  require_reduced("broadcast", x, y, r.dims);
  Axes axes = axes_of(x.shape);
  Axes::Steps from = reduced_steps(x, y, r.dims), to = steps_of(x);
  visit_float(y.dtype, [&]<class From>(From) {
    visit_float(x.dtype, [&]<class To>(To) {
      using A = accumulator_t<To>;
      int64_t width = axes.size[3], end_lane = x.shape.rank() == 4 ? x.lanes : width;
      parallel_for(context, axes.outer(), std::max<int64_t>(1, elementwise::grain / std::max<int64_t>(1, width)),
                   [=](int64_t begin, int64_t end) {
                     for (int64_t i = begin; i < end; ++i) {
                       const From* in = y.as<From>() + axes.offset(from, i);
                       To* out = x.as<To>() + axes.offset(to, i);
                       for (int64_t c = 0; c < width; ++c) {
                         out[c] = static_cast<To>(static_cast<A>(r.scale) * static_cast<A>(in[c * from[3]]));
                       }
                       for (int64_t c = width; c < end_lane; ++c) out[c] = To{};
                     }
                   });
    });
  });
}

const Implementation sum_on_cpu{reduce_sum, Device::cpu, sum};
const Implementation broadcast_on_cpu{broadcast, Device::cpu, repeat};

}  // namespace
}  // namespace cuunet
