#include "kernels/norm/spectral_norm.h"

#include "kernels/device/copy.h"
#include "kernels/device/lane_sums.h"
#include "kernels/device/parallel.h"

#include <cmath>

namespace cuunet {

void require_spectral_norm(const Shape& weight, const Shape& u, const Shape& v, const SpectralNormParams& params) {
  if (weight.rank() < 2 || params.dim < 0 || params.dim > 1) {
    throw ShapeError("spectral_norm expects a weight of rank 2 or more and dim 0 or 1, got {} and {}", weight.text(),
                     params.dim);
  }
  int64_t rows = weight[params.dim], columns = rows > 0 ? weight.elements() / rows : 0;
  if (u.elements() != rows || v.elements() != columns) {
    throw ShapeError("spectral_norm of {} expects u [{}] and v [{}], got {} and {}", weight.text(), rows, columns,
                     u.text(), v.text());
  }
}

namespace {

// Where element (row, column) of W lies in the stored weight: [A, B, T] in PyTorch's order, stored [A, T, B padded].
struct WeightMatrix {
  WeightMatrix(ConstView w, int dim) {
    bool image = w.shape.rank() == 4;
    int64_t outer = w.shape[0], inner = w.shape[1], taps = w.elements() / std::max<int64_t>(1, outer * inner);
    int64_t inner_stride = image ? 1 : taps;
    tap_count = taps;
    tap_stride = image ? w.pixel_stride : 1;
    int64_t outer_stride = image ? taps * w.pixel_stride : inner * taps;
    rows = dim == 0 ? outer : inner;
    row_stride = dim == 0 ? outer_stride : inner_stride;
    others = dim == 0 ? inner : outer;
    other_stride = dim == 0 ? inner_stride : outer_stride;
  }
  int64_t columns() const { return others * tap_count; }
  // body(column, offset) along one row.
  template <class Body>
  void along_row(int64_t row, const Body& body) const {
    for (int64_t other = 0; other < others; ++other) {
      for (int64_t tap = 0; tap < tap_count; ++tap) {
        body(other * tap_count + tap, row * row_stride + other * other_stride + tap * tap_stride);
      }
    }
  }
  int64_t rows, others, tap_count, row_stride, other_stride, tap_stride;
};

template <class T>
void normalise(const double* from, T* to, int64_t n) {
  double scale = 1 / std::max(std::sqrt(sum_of_products(from, from, n)), 1e-12);
  for (int64_t i = 0; i < n; ++i) to[i] = static_cast<T>(from[i] * scale);
}

// out = Wᵀ u of a row-major W
template <class T>
void multiply_transposed(Context& context, const T* w, int64_t rows, int64_t columns, const T* u, double* out) {
  parallel_for(context, columns, 512, [=](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) out[c] = 0;
    for (int64_t r = 0; r < rows; ++r) {
      double scale = u[r];
      for (int64_t c = begin; c < end; ++c) out[c] += scale * static_cast<double>(w[r * columns + c]);
    }
  });
}

// out = W v
template <class T>
void multiply(Context& context, const T* w, int64_t rows, int64_t columns, const T* v, double* out) {
  parallel_for(context, rows, 8, [=](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) out[r] = sum_of_products(w + r * columns, v, columns);
  });
}

template <class T>
void forward_in(Context& context, ConstView weight_orig, View u, View v, View weight, View sigma,
                const SpectralNormParams& params) {
  WeightMatrix layout(weight_orig, params.dim);
  int64_t rows = layout.rows, columns = layout.columns();
  Workspace matrix(context, static_cast<size_t>(rows * columns) * sizeof(T));
  Workspace product(context, static_cast<size_t>(std::max(rows, columns)) * sizeof(double));
  T* w = matrix.as<T>();
  parallel_for(context, rows, 4, [=](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      layout.along_row(r, [=](int64_t c, int64_t offset) { w[r * columns + c] = weight_orig.as<T>()[offset]; });
    }
  });
  double* out = product.as<double>();
  if (params.training) {
    multiply_transposed(context, w, rows, columns, u.as<T>(), out);
    normalise(out, v.as<T>(), columns);
  }
  multiply(context, w, rows, columns, v.as<T>(), out);
  if (params.training) normalise(out, u.as<T>(), rows);
  double largest = sum_of_products(u.as<T>(), out, rows);
  sigma.as<T>()[0] = static_cast<T>(largest);
  double scale = 1 / largest;
  int64_t count = weight.storage_elements();
  parallel_for(context, count, 16384, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) weight.as<T>()[i] = static_cast<T>(weight_orig.as<T>()[i] * scale);
  });
  zero_pad_lanes(context, weight);  // a negative σ made them -0
}

template <class T>
void backward_in(Context& context, ConstView weight_orig, ConstView u, ConstView v, ConstView sigma,
                 ConstView grad_weight, View grad_orig, const SpectralNormParams& params) {
  WeightMatrix layout(weight_orig, params.dim);
  double scale = 1 / static_cast<double>(sigma.as<T>()[0]);
  double projection = parallel_sum(context, weight_orig.storage_elements(), 4096, [=](int64_t begin, int64_t end) {
    return sum_of_products(grad_weight.as<T>() + begin, weight_orig.as<T>() + begin, end - begin);
  });
  zero_pad_lanes(context, grad_orig);
  parallel_for(context, layout.rows, 4, [=](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      double along_u = static_cast<double>(u.as<T>()[r]) * projection * scale;
      layout.along_row(r, [=](int64_t c, int64_t offset) {
        double g = grad_weight.as<T>()[offset];
        grad_orig.as<T>()[offset] = static_cast<T>((g - along_u * static_cast<double>(v.as<T>()[c])) * scale);
      });
    }
  });
}

void forward(Context& context, ConstView weight_orig, View u, View v, View weight, View sigma,
             const SpectralNormParams& params) {
  require_spectral_norm(weight_orig.shape, u.shape, v.shape, params);
  if (weight_orig.dtype == DType::f64) return forward_in<double>(context, weight_orig, u, v, weight, sigma, params);
  forward_in<float>(context, weight_orig, u, v, weight, sigma, params);
}

void backward(Context& context, ConstView weight_orig, ConstView u, ConstView v, ConstView sigma, ConstView grad_weight,
              View grad_orig, const SpectralNormParams& params) {
  if (weight_orig.dtype == DType::f64) {
    return backward_in<double>(context, weight_orig, u, v, sigma, grad_weight, grad_orig, params);
  }
  backward_in<float>(context, weight_orig, u, v, sigma, grad_weight, grad_orig, params);
}

const Implementation forward_on_cpu{spectral_norm_forward, Device::cpu, forward};
const Implementation backward_on_cpu{spectral_norm_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
