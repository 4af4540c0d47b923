// Both products of the power iteration with the matrix where it lies: a thread per column for Wᵀ u, a block per row for
// W v; norms, σ and the projection are sums of one block or of element_sum. All sums are in double.
// Per element of the weight: 16 bytes in training (three reads, one write), 16 in the backward pass; two products in
// double and a division. Bound: memory bandwidth, and for small weights the time of six launches.
#include "kernels/norm/spectral_norm.h"

#include "kernels/device/copy.h"
#include "kernels/reduce/element_sum.cuh"

#include <algorithm>

namespace cuunet::CUUNET_TARGET {
namespace {

// Where element (row, column) of W lies in the stored weight: [A, B, T] in PyTorch's order, stored [A, T, B padded].
struct WeightMatrix {
  int rows, columns, taps;
  int64_t row_stride, other_stride, tap_stride;

  __device__ __forceinline__ int64_t offset(int row, int column) const {
    return row * row_stride + column / taps * other_stride + column % taps * tap_stride;
  }
};

WeightMatrix matrix_of(ConstView w, int dim) {
  bool image = w.shape.rank() == 4;
  int64_t outer = w.shape[0], inner = w.shape[1], taps = w.elements() / (outer * inner);
  int64_t inner_stride = image ? 1 : taps, outer_stride = image ? taps * w.pixel_stride : inner * taps;
  int64_t rows = dim == 0 ? outer : inner;
  return {static_cast<int>(rows),
          static_cast<int>(w.elements() / rows),
          static_cast<int>(taps),
          dim == 0 ? outer_stride : inner_stride,
          dim == 0 ? inner_stride : outer_stride,
          image ? w.pixel_stride : 1};
}

// out = Wᵀ u
__global__ void __launch_bounds__(128)
    transposed_product_kernel(WeightMatrix m, const float* w, const float* u, double* out) {
  int column = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (column >= m.columns) return;
  double sum = 0;
  for (int r = 0; r < m.rows; ++r) {
    sum += static_cast<double>(w[m.offset(r, column)]) * static_cast<double>(u[r]);
  }
  out[column] = sum;
}

// out = W v, one row per block
__global__ void __launch_bounds__(sum_threads)
    product_kernel(WeightMatrix m, const float* w, const float* v, double* out) {
  int row = static_cast<int>(blockIdx.x);
  double sum = 0;
  for (int c = static_cast<int>(threadIdx.x); c < m.columns; c += sum_threads) {
    sum += static_cast<double>(w[m.offset(row, c)]) * static_cast<double>(v[c]);
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) out[row] = sum;
}

// to = from / max(‖from‖, 1e-12), one block
__global__ void __launch_bounds__(sum_threads) normalise_kernel(const double* from, float* to, int count) {
  double squares = 0;
  for (int i = static_cast<int>(threadIdx.x); i < count; i += sum_threads) squares += from[i] * from[i];
  double norm = sqrt(block_sum(squares));
  double scale = 1 / (norm > 1e-12 ? norm : 1e-12);
  for (int i = static_cast<int>(threadIdx.x); i < count; i += sum_threads) to[i] = static_cast<float>(from[i] * scale);
}

// σ = uᵀ (W v), one block
__global__ void __launch_bounds__(sum_threads)
    sigma_kernel(const float* u, const double* product, int count, float* sigma) {
  double sum = 0;
  for (int i = static_cast<int>(threadIdx.x); i < count; i += sum_threads) sum += u[i] * product[i];
  sum = block_sum(sum);
  if (threadIdx.x == 0) *sigma = static_cast<float>(sum);
}

struct Divide {
  const float* sigma;
  __device__ float operator()(float x) const { return x / *sigma; }
};

struct Product {
  __device__ double operator()(float a, float b) const { return static_cast<double>(a) * static_cast<double>(b); }
};

// grad_orig = (G - u vᵀ · projection / σ) / σ
__global__ void __launch_bounds__(256)
    gradient_kernel(WeightMatrix m, unsigned count, const float* u, const float* v, const float* sigma,
                    const float* projection, const float* grad, float* grad_orig) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= count) return;
  int row = static_cast<int>(i / static_cast<unsigned>(m.columns));
  int column = static_cast<int>(i % static_cast<unsigned>(m.columns));
  int64_t at = m.offset(row, column);
  grad_orig[at] = (grad[at] - u[row] * v[column] * (*projection / *sigma)) / *sigma;
}

void require_f32(ConstView view) {
  if (view.dtype == DType::f32) return;
  throw ShapeError("spectral_norm on {} expects f32, got {}", name_of(Device::CUUNET_TARGET), name_of(view.dtype));
}

void forward(Context& context, ConstView weight_orig, View u, View v, View weight, View sigma,
             const SpectralNormParams& params) {
  require_spectral_norm(weight_orig.shape, u.shape, v.shape, params);
  for (ConstView view : {weight_orig, ConstView(u), ConstView(v), ConstView(weight), ConstView(sigma)}) {
    require_f32(view);
  }
  WeightMatrix m = matrix_of(weight_orig, params.dim);
  Workspace memory(context, static_cast<size_t>(std::max(m.rows, m.columns)) * sizeof(double));
  double* product = memory.as<double>();
  const float* w = weight_orig.as<float>();
  auto stream = stream_of(context);
  if (params.training) {
    launch<transposed_product_kernel>({block_count(m.columns, 128), 128, 0, stream}, m, w, u.as<float>(), product);
    launch<normalise_kernel>({1, sum_threads, 0, stream}, product, v.as<float>(), m.columns);
  }
  launch<product_kernel>({static_cast<unsigned>(m.rows), sum_threads, 0, stream}, m, w, v.as<float>(), product);
  if (params.training) launch<normalise_kernel>({1, sum_threads, 0, stream}, product, u.as<float>(), m.rows);
  launch<sigma_kernel>({1, sum_threads, 0, stream}, u.as<float>(), product, m.rows, sigma.as<float>());
  map(context, weight, Divide{sigma.as<float>()}, weight_orig);
}

void backward(Context& context, ConstView weight_orig, ConstView u, ConstView v, ConstView sigma, ConstView grad_weight,
              View grad_orig, const SpectralNormParams& params) {
  require_spectral_norm(weight_orig.shape, u.shape, v.shape, params);
  for (ConstView view : {weight_orig, u, v, sigma, grad_weight, ConstView(grad_orig)}) require_f32(view);
  WeightMatrix m = matrix_of(weight_orig, params.dim);
  Workspace memory(context, sizeof(float));
  float* projection = memory.as<float>();
  element_sum(context, grad_weight, weight_orig, Product{}, 1, projection);
  zero_pad_lanes(context, grad_orig);
  unsigned count = count_32(weight_orig.elements());
  launch<gradient_kernel>({block_count(count, 256), 256, 0, stream_of(context)}, m, count, u.as<float>(), v.as<float>(),
                          sigma.as<float>(), projection, grad_weight.as<float>(), grad_orig.as<float>());
}

const Implementation forward_here{spectral_norm_forward, Device::CUUNET_TARGET, forward};
const Implementation backward_here{spectral_norm_backward, Device::CUUNET_TARGET, backward};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
