// One block per tile of the result, 128 × 64 or 16 × 64; stages of 64 bytes of depth come by cp.async, each operand in
// the order that it has in memory, and meet on the tensor cores (bf16; tf32 if the context allows it) or in plain f32.
// Few tiles split the depth; the f32 partials are added in order by a second kernel. Arithmetic: 2·K per result.
// Traffic: a once per 64 columns, b once per 128 rows, from the L2 cache. Bound: arithmetic from a depth and width of
// about 200 on, memory below.
#include "kernels/linalg/matrix_product.cuh"

#include "kernels/device/gemm_operand.cuh"
#include "kernels/device/gemm_plan.cuh"
#include "kernels/device/run_chosen.cuh"
#include "kernels/linalg/matrix_product_peer.h"

namespace cuunet::CUUNET_TARGET {
namespace {

// What becomes of a sum.
struct Finish {
  int rows, columns, lanes;
  float scale;
  const float *row_bias, *column_bias;  // may be null
  bool symmetric;

  __device__ __forceinline__ float operator()(float sum, int row, int column) const {
    if (column >= columns) return 0.0f;
    float along_row = row_bias != nullptr ? row_bias[row] : 0.0f;
    return sum * scale + along_row + (column_bias != nullptr ? column_bias[column] : 0.0f);
  }
};

template <class T>
struct Product {
  GemmOperand<T> a, b;
  int64_t a_batch, b_batch, y_batch;  // elements from one batch to the next
  T* y;
  int64_t y_pitch;
  Finish finish;
  int depth, splits, steps_per_split;
  float* partials;  // [batch][split][rows][lanes], or null: straight to y
};

template <class Math, class Tile, Depth a_depth, Depth b_depth>
__global__ void __launch_bounds__(gemm_threads) matrix_product_kernel(Product<typename Math::Storage> p) {
  using Gemm = GemmTile<Math, Tile, a_depth, b_depth>;
  int block_m = static_cast<int>(blockIdx.x) * Tile::BM, block_n = static_cast<int>(blockIdx.y) * Tile::BN;
  if (p.finish.symmetric && block_n + Tile::BN <= block_m) return;
  int batch = static_cast<int>(blockIdx.z) / p.splits, split = static_cast<int>(blockIdx.z) % p.splits;
  p.a.data += batch * p.a_batch;
  p.b.data += batch * p.b_batch;
  int steps = (p.depth + Gemm::depth - 1) / Gemm::depth, first_step = split * p.steps_per_split;
  Gemm gemm;
  OperandLoaders<Gemm> load(p.a, p.b, block_m, block_n, first_step);
  run_pipeline(gemm, min(p.steps_per_split, steps - first_step), load);
  auto* y = p.y + batch * p.y_batch;
  gemm.each_pair([&](int row, int column, float first, float second) {
    int m = block_m + row, n = block_n + column;
    if (m >= p.finish.rows) return;
    float sums[2] = {first, second};
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      if (n + e >= p.finish.lanes || (p.finish.symmetric && n + e < m)) continue;
      if (p.partials != nullptr) {
        p.partials[(int64_t{blockIdx.z} * p.finish.rows + m) * p.finish.lanes + n + e] = sums[e];
        continue;
      }
      auto value = from_float<typename Math::Storage>(p.finish(sums[e], m, n + e));
      y[m * p.y_pitch + n + e] = value;
      if (p.finish.symmetric) y[(n + e) * p.y_pitch + m] = value;
    }
  });
}

// y = finish(Σ_slices partials), in order.
template <class Y>
__global__ void __launch_bounds__(256) finish_product_kernel(Finish finish, const float* partials, int slices,
                                                             unsigned count, Y* y, int64_t y_pitch, int64_t y_batch) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= count) return;
  unsigned lanes = static_cast<unsigned>(finish.lanes), rows = static_cast<unsigned>(finish.rows);
  int n = static_cast<int>(index % lanes), m = static_cast<int>(index / lanes % rows);
  int64_t batch = index / lanes / rows;
  int row = m, column = n;
  if (finish.symmetric) row = min(m, n), column = max(m, n);
  const float* from = partials + (batch * slices * finish.rows + row) * finish.lanes + column;
  float sum = 0;
  for (int slice = 0; slice < slices; ++slice) sum += from[int64_t{slice} * finish.rows * finish.lanes];
  y[batch * y_batch + m * y_pitch + n] = from_float<Y>(finish(sum, m, n));
}

struct ConvertShape {
  unsigned count;  // batches · rows · padded columns
  int rows, columns, padded;
  int64_t pitch, batch_stride;
};

// to[batch][row][padded] = from, zero from `columns` on.
template <class From, class T>
__global__ void __launch_bounds__(256) convert_operand_kernel(ConvertShape s, const From* from, T* to) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= s.count) return;
  unsigned padded = static_cast<unsigned>(s.padded), rows = static_cast<unsigned>(s.rows);
  int column = static_cast<int>(index % padded), row = static_cast<int>(index / padded % rows);
  int64_t batch = index / padded / rows;
  const From* source = from + batch * s.batch_stride + row * s.pitch;
  to[index] = from_float<T>(column < s.columns ? to_float(source[column]) : 0.0f);
}

// An operand [rows][depth] as it lies in memory, in type T.
template <class T>
struct Operand {
  GemmOperand<T> matrix;
  int64_t batch_stride;
  Depth depth_at;
  std::unique_ptr<Workspace> converted;

  Operand(const char* op, Context& context, const ConstMatrix& m, int64_t batches) {
    bool inner = m.column_stride == 1;
    if (!inner && m.row_stride != 1) throw ShapeError("{} multiplies matrices with one stride of 1", op);
    depth_at = inner ? Depth::inner : Depth::outer;
    int rows = static_cast<int>(count_32(inner ? m.rows : m.columns));
    int columns = static_cast<int>(count_32(inner ? m.columns : m.rows));
    matrix = {static_cast<const T*>(m.data), inner ? m.row_stride : m.column_stride, rows, columns, false};
    batch_stride = m.batch_stride;
    if (m.dtype != dtype_of<T>) convert(op, context, m, batch_stride == 0 ? 1 : batches);
    auto multiple_of_16 = [](int64_t elements) { return elements * static_cast<int64_t>(sizeof(T)) % 16 == 0; };
    matrix.aligned = reinterpret_cast<uintptr_t>(matrix.data) % 16 == 0 && multiple_of_16(matrix.pitch) &&
                     multiple_of_16(batch_stride);
  }

  // [rows][depth] again, as it lies now.
  ConstMatrix as_matrix() const {
    ConstMatrix lying{matrix.data, dtype_of<T>, matrix.rows, matrix.columns, matrix.pitch, 1, batch_stride};
    return depth_at == Depth::inner ? lying : lying.transposed();
  }

 private:
  void convert(const char* op, Context& context, const ConstMatrix& m, int64_t batches) {
    int64_t padded = padded_channels(matrix.columns), count = batches * matrix.rows * padded;
    ConvertShape shape{count_32(count),          matrix.rows,  matrix.columns,
                       static_cast<int>(padded), matrix.pitch, batch_stride};
    converted = std::make_unique<Workspace>(context, static_cast<size_t>(count) * sizeof(T));
    T* to = converted->as<T>();
    if (count > 0) {
      visit_storage(op, m.dtype, [&]<class From>(From) {
        launch<convert_operand_kernel<From, T>>({block_count(count, 256), 256, 0, stream_of(context)}, shape,
                                                static_cast<const From*>(m.data), to);
      });
    }
    matrix.data = to;
    matrix.pitch = padded;
    batch_stride = batch_stride == 0 ? 0 : matrix.rows * padded;
  }
};

template <class Run>
void with_depth(Depth depth, const Run& run) {
  if (depth == Depth::inner)
    run(std::integral_constant<Depth, Depth::inner>{});
  else
    run(std::integral_constant<Depth, Depth::outer>{});
}

// What multiply_matrices is asked for, its operands in type T.
template <class T>
struct Task {
  const char* op;
  Operand<T> left, right;
  int64_t depth;
  Matrix y;
  MatrixProductOptions options;
  Finish finish;

  Task(const char* name, Context& context, const ConstMatrix& a, const ConstMatrix& b, const Matrix& result,
       const MatrixProductOptions& asked)
      : op(name),
        left(op, context, a, asked.batches),
        right(op, context, b.transposed(), asked.batches),
        depth(a.columns),
        y(result),
        options(asked),
        finish{static_cast<int>(count_32(y.rows)),
               static_cast<int>(count_32(y.columns)),
               static_cast<int>(options.lanes > 0 ? options.lanes : y.columns),
               static_cast<float>(options.scale),
               options.row_bias.as<float>(),
               options.column_bias.as<float>(),
               options.symmetric} {}

  bool sums() const { return options.sum_batches && options.batches > 1; }
  int64_t elements() const { return int64_t{finish.rows} * finish.lanes; }
};

// y from `slices` partials [rows][lanes].
template <class T>
void finish_task(Context& context, const Task<T>& task, const float* partials, int64_t slices) {
  int64_t results = task.sums() ? 1 : task.options.batches, count = results * task.elements();
  visit_storage(task.op, task.y.dtype, [&]<class Y>(Y) {
    launch<finish_product_kernel<Y>>({block_count(count, 256), 256, 0, stream_of(context)}, task.finish, partials,
                                     static_cast<int>(slices / results), count_32(count), static_cast<Y*>(task.y.data),
                                     task.y.row_stride, task.y.batch_stride);
  });
}

template <class Math, class T>
void multiply_natively(Context& context, const Task<T>& task) {
  with_tile(task.y.rows, [&]<class Tile>(Tile) {
    with_depth(task.left.depth_at, [&]<Depth a_depth>(std::integral_constant<Depth, a_depth>) {
      with_depth(task.right.depth_at, [&]<Depth b_depth>(std::integral_constant<Depth, b_depth>) {
        using Gemm = GemmTile<Math, Tile, a_depth, b_depth>;
        int64_t batches = task.options.batches;
        GemmPlan plan = plan_gemm<Gemm>(task.finish.rows, task.finish.lanes, task.depth, batches);
        bool partial = plan.splits > 1 || task.sums() || task.y.dtype != dtype_of<T>;
        int64_t slices = plan.splits * batches;
        Workspace partials(context, partial ? static_cast<size_t>(slices * task.elements()) * sizeof(float) : 0);
        Product<T> product{task.left.matrix,
                           task.right.matrix,
                           task.left.batch_stride,
                           task.right.batch_stride,
                           task.y.batch_stride,
                           static_cast<T*>(task.y.data),
                           task.y.row_stride,
                           task.finish,
                           static_cast<int>(count_32(task.depth)),
                           plan.splits,
                           plan.steps_per_split,
                           partials.as<float>()};
        launch<matrix_product_kernel<Math, Tile, a_depth, b_depth>>(
            {plan.grid(batches), gemm_threads, Gemm::shared_bytes, stream_of(context)}, product);
        if (partial) finish_task(context, task, partials.as<float>(), slices);
      });
    });
  });
}

// The product in f32 into scratch memory where a bias, pad lanes or a sum over batches is to follow.
template <class T>
void multiply_by_peer(Context& context, const Task<T>& task, PeerProduct product) {
  bool straight = task.options.row_bias.empty() && task.options.column_bias.empty() &&
                  task.finish.lanes == task.finish.columns && !task.sums();
  if (straight) return matrix_product_peer(context, product);
  int64_t batches = task.options.batches, elements = task.elements();
  Workspace partials(context, static_cast<size_t>(batches * elements) * sizeof(float));
  product.y = {partials.as<float>(), DType::f32, task.y.rows, task.y.columns, task.finish.lanes, 1, elements};
  product.scale = 1;
  matrix_product_peer(context, product);
  finish_task(context, task, partials.as<float>(), batches);
}

template <class Math>
void multiply_with(const char* op, Context& context, const ConstMatrix& a, const ConstMatrix& b, const Matrix& y,
                   const MatrixProductOptions& options) {
  Task<typename Math::Storage> task(op, context, a, b, y, options);
  auto native = [&] { multiply_natively<Math>(context, task); };
  if (task.depth == 0) return native();
  PeerProduct product{task.left.as_matrix(), task.right.as_matrix().transposed(), y, options.batches, options.scale};
  run_chosen(
      context, matrix_product_peer.built(), native, [&] { multiply_by_peer(context, task, product); },
      [&] { return matrix_product_key(op, context, product); });
}

}  // namespace

void multiply_matrices(const char* op, Context& context, const ConstMatrix& a, const ConstMatrix& b, const Matrix& y,
                       const MatrixProductOptions& options) {
  if (y.rows == 0 || y.columns == 0 || options.batches == 0) return;
  DType type = a.dtype == DType::bf16 || b.dtype == DType::bf16 ? DType::bf16 : a.dtype;
  if (y.dtype != type && y.dtype != DType::f32) {
    throw ShapeError("{} of {} and {} cannot give {}", op, name_of(a.dtype), name_of(b.dtype), name_of(y.dtype));
  }
  with_math(op, context, type, [&]<class Math>(Math) { multiply_with<Math>(op, context, a, b, y, options); });
}

}  // namespace cuunet::CUUNET_TARGET
