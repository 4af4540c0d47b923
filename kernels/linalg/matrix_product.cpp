#include "kernels/linalg/matrix_product.h"

#include "kernels/device/parallel.h"
#include "kernels/device/register_lanes.h"
#include "kernels/device/view.h"

namespace cuunet {
namespace {

constexpr int64_t row_block = 6, group_blocks = 8, depth_block = 256;

// A panel's width: 64 bytes of the type that sums are in.
template <class A>
constexpr int64_t panel_width = 64 / sizeof(A);

// packed[batch][rows / block][columns][block], the tail filled with zeros.
template <class T, class A>
void pack(Context& context, const ConstMatrix& m, int64_t batches, int64_t block, A* packed) {
  int64_t blocks = (m.rows + block - 1) / block;
  parallel_for(context, batches * blocks, std::max<int64_t>(1, 16384 / std::max<int64_t>(1, m.columns * block)),
               [=](int64_t begin, int64_t end) {
                 for (int64_t item = begin; item < end; ++item) {
                   int64_t first = item % blocks * block, count = std::min(block, m.rows - first);
                   const T* from =
                       static_cast<const T*>(m.data) + item / blocks * m.batch_stride + first * m.row_stride;
                   A* to = packed + item * m.columns * block;
                   for (int64_t k = 0; k < m.columns; ++k, to += block, from += m.column_stride) {
                     for (int64_t r = 0; r < count; ++r) to[r] = static_cast<A>(from[r * m.row_stride]);
                     for (int64_t r = count; r < block; ++r) to[r] = 0;
                   }
                 }
               });
}

template <class A>
void pack_any(Context& context, const ConstMatrix& m, int64_t batches, int64_t block, A* packed) {
  if constexpr (std::is_same_v<A, double>) {
    pack<double>(context, m, batches, block, packed);
  } else if (m.dtype == DType::bf16) {
    pack<bfloat16>(context, m, batches, block, packed);
  } else {
    pack<float>(context, m, batches, block, packed);
  }
}

// tile[6][width] += Σ_k a[k][6] · b[k][width], a register of columns at a time
template <class A, Isa isa>
inline void multiply_block(const A* a, const A* b, int64_t depth, A* tile) {
  using Part = typename Register<A, isa>::type;
  constexpr int64_t width = panel_width<A>, lanes = register_lanes<A, isa>;
  for (int64_t c = 0; c < width; c += lanes) {
    Part sum[row_block] = {};
    for (int64_t k = 0; k < depth; ++k) {
      Part columns = *reinterpret_cast<const Part*>(b + k * width + c);
      for (int64_t r = 0; r < row_block; ++r) sum[r] += a[k * row_block + r] * columns;
    }
    for (int64_t r = 0; r < row_block; ++r) *reinterpret_cast<Part*>(tile + r * width + c) += sum[r];
  }
}

template <class A, class T>
inline void store_tile(const A* tile, T* y, const Matrix& m, int64_t row, int64_t column,
                       const ProductOptions& options) {
  int64_t row_end = std::min(row + row_block * group_blocks, m.rows);
  int64_t width = std::min(panel_width<A>, m.columns - column);
  auto scale = static_cast<A>(options.scale);
  for (int64_t r = row; r < row_end; ++r, tile += panel_width<A>) {
    A along_row = options.row_bias != nullptr ? static_cast<const A*>(options.row_bias)[r] : A(0);
    for (int64_t c = 0; c < width; ++c) {
      T* to = y + r * m.row_stride + (column + c) * m.column_stride;
      A value = tile[c] * scale + along_row;
      if (options.column_bias != nullptr) value += static_cast<const A*>(options.column_bias)[column + c];
      if (options.accumulate) value += static_cast<A>(*to);
      *to = static_cast<T>(value);
    }
  }
}

template <class A, class T>
void multiply_packed(Context& context, const A* a, const A* b, int64_t depth, const Matrix& y,
                     const ProductOptions& options) {
  constexpr int64_t width = panel_width<A>;
  int64_t blocks = (y.rows + row_block - 1) / row_block, groups = (blocks + group_blocks - 1) / group_blocks;
  int64_t panels = (y.columns + width - 1) / width;
  int64_t work = row_block * group_blocks * width * std::max<int64_t>(1, depth);
  parallel_for_isa(context, options.batches * groups * panels, std::max<int64_t>(1, (1 << 17) / work),
                   [=, &options]<Isa isa>(int64_t begin, int64_t end) {
                     for (int64_t item = begin; item < end; ++item) {
                       int64_t batch = item / (groups * panels), group = item / panels % groups, panel = item % panels;
                       int64_t first = group * group_blocks, last = std::min(first + group_blocks, blocks);
                       alignas(64) A tile[row_block * group_blocks * width] = {};
                       for (int64_t k = 0; k < depth; k += depth_block) {
                         int64_t part = std::min(depth_block, depth - k);
                         const A* columns = b + ((batch * panels + panel) * depth + k) * width;
                         for (int64_t block = first; block < last; ++block) {
                           const A* rows = a + ((batch * blocks + block) * depth + k) * row_block;
                           multiply_block<A, isa>(rows, columns, part, tile + (block - first) * row_block * width);
                         }
                       }
                       store_tile<A>(tile, static_cast<T*>(y.data) + batch * y.batch_stride, y, first * row_block,
                                     panel * width, options);
                     }
                   });
}

template <class A>
void multiply_in(Context& context, const ConstMatrix& a, const ConstMatrix& b, const Matrix& y,
                 const ProductOptions& options) {
  int64_t depth = a.columns, width = panel_width<A>;
  auto bytes = [&](int64_t rows) { return static_cast<size_t>(options.batches * rows * depth) * sizeof(A); };
  Workspace packed_a(context, bytes(round_up(y.rows, row_block))), packed_b(context, bytes(round_up(y.columns, width)));
  pack_any(context, a, options.batches, row_block, packed_a.as<A>());
  pack_any(context, b.transposed(), options.batches, width, packed_b.as<A>());
  if constexpr (std::is_same_v<A, double>) {
    multiply_packed<A, double>(context, packed_a.as<A>(), packed_b.as<A>(), depth, y, options);
  } else if (y.dtype == DType::bf16) {
    multiply_packed<A, bfloat16>(context, packed_a.as<A>(), packed_b.as<A>(), depth, y, options);
  } else {
    multiply_packed<A, float>(context, packed_a.as<A>(), packed_b.as<A>(), depth, y, options);
  }
}

}  // namespace

void multiply(Context& context, const ConstMatrix& a, const ConstMatrix& b, const Matrix& y,
              const ProductOptions& options) {
  if (y.dtype == DType::f64) return multiply_in<double>(context, a, b, y, options);
  multiply_in<float>(context, a, b, y, options);
}

}  // namespace cuunet
