#include "kernels/simt/matrix.h"

#include "kernels/device/error.h"
#include "kernels/device/parallel.h"

#include <bit>
#include <cstring>

namespace cuunet::simt {
namespace {

constexpr uint32_t full_mask = 0xFFFFFFFFu;

float bf16_value(uint32_t bits) { return std::bit_cast<float>(bits << 16); }
float tf32_value(uint32_t bits) { return std::bit_cast<float>(bits & 0xFFFFE000u); }

// The whole warp's operands; the block that runs is the only one, so one of these is enough.
struct Dense {
  float a[16 * max_tiles][16];
  float b[16][8 * max_tiles];
  float c[16 * max_tiles][8 * max_tiles];
};
Dense dense;

const MatrixProduct& product_of(void* const* arguments, int lane) {
  return *static_cast<const MatrixProduct*>(arguments[lane]);
}

// Lane l holds of each accumulator tile: rows l/4 and l/4+8, columns 2(l%4) and the next.
void gather_accumulators(void* const* arguments, bool scatter) {
  for (int lane = 0; lane < 32; ++lane) {
    const MatrixProduct& p = product_of(arguments, lane);
    int g = lane / 4, t = lane % 4;
    for (int i = 0; i < p.rows; ++i) {
      for (int j = 0; j < p.columns; ++j) {
        float* fragment = p.accumulators + (i * p.columns + j) * 4;
        for (int e = 0; e < 4; ++e) {
          float& element = dense.c[16 * i + g + 8 * (e / 2)][8 * j + 2 * t + e % 2];
          if (scatter)
            fragment[e] = element;
          else
            element = fragment[e];
        }
      }
    }
  }
}

template <int depth>
void multiply_dense(int rows, int columns) {
  auto body = [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      for (int k = 0; k < depth; ++k) {
        float a = dense.a[i][k];
        for (int j = 0; j < columns; ++j) dense.c[i][j] += a * dense.b[k][j];
      }
    }
  };
  static const Isa widest = widest_isa_of_this_cpu();
  if (widest == Isa::baseline)
    isa::run_baseline(body, 0, rows);
  else
    isa::run_avx2(body, 0, rows);
}

// A: register e of lane l holds row l/4 + 8(e%2), depth 2(l%4) + 8(e/2) and the next. B: register e, column l/4 alike.
void gather_bf16(const MatrixProduct& p, int lane) {
  int g = lane / 4, t = lane % 4;
  for (int i = 0; i < p.rows; ++i) {
    for (int e = 0; e < 4; ++e) {
      float* row = dense.a[16 * i + g + 8 * (e % 2)] + 2 * t + 8 * (e / 2);
      row[0] = bf16_value(p.a[4 * i + e] & 0xFFFFu);
      row[1] = bf16_value(p.a[4 * i + e] >> 16);
    }
  }
  for (int j = 0; j < p.columns; ++j) {
    for (int e = 0; e < 2; ++e) {
      int k = 2 * t + 8 * e;
      dense.b[k][8 * j + g] = bf16_value(p.b[2 * j + e] & 0xFFFFu);
      dense.b[k + 1][8 * j + g] = bf16_value(p.b[2 * j + e] >> 16);
    }
  }
}

// A: register e of lane l holds row l/4 + 8(e%2), depth l%4 + 4(e/2). B: register e, depth l%4 + 4e, column l/4.
void gather_tf32(const MatrixProduct& p, int lane) {
  int g = lane / 4, t = lane % 4;
  for (int i = 0; i < p.rows; ++i) {
    for (int e = 0; e < 4; ++e) dense.a[16 * i + g + 8 * (e % 2)][t + 4 * (e / 2)] = tf32_value(p.a[4 * i + e]);
  }
  for (int j = 0; j < p.columns; ++j) {
    for (int e = 0; e < 2; ++e) dense.b[t + 4 * e][8 * j + g] = tf32_value(p.b[2 * j + e]);
  }
}

template <int depth, void (*gather)(const MatrixProduct&, int)>
void compute_product(void* const* arguments, uint32_t) {
  const MatrixProduct& first = product_of(arguments, 0);
  for (int lane = 1; lane < 32; ++lane) {
    const MatrixProduct& other = product_of(arguments, lane);
    if (other.rows != first.rows || other.columns != first.columns) {
      fail_at(other.place, fmt::format("lane 0 multiplies {} x {} tiles, lane {} {} x {}", first.rows, first.columns,
                                       lane, other.rows, other.columns)
                               .c_str());
    }
  }
  gather_accumulators(arguments, false);
  for (int lane = 0; lane < 32; ++lane) gather(product_of(arguments, lane), lane);
  multiply_dense<depth>(16 * first.rows, 8 * first.columns);
  gather_accumulators(arguments, true);
}

// Register m of lane l: row l/4, columns 2(l%4) and the next of matrix m; transposed: column l/4, those rows.
void compute_load(void* const* arguments, uint32_t) {
  uint16_t matrices[4][8][8];
  for (int lane = 0; lane < 32; ++lane) {
    const MatrixLoad& load = *static_cast<const MatrixLoad*>(arguments[lane]);
    require_shared("ldmatrix reads", load.row, 16, load.place);
    if (reinterpret_cast<uintptr_t>(load.row) % 16 != 0)
      fail_at(load.place, "ldmatrix reads a row that is not 16-byte aligned");
    std::memcpy(matrices[lane / 8][lane % 8], load.row, 16);
  }
  for (int lane = 0; lane < 32; ++lane) {
    const MatrixLoad& load = *static_cast<const MatrixLoad*>(arguments[lane]);
    int g = lane / 4, t = 2 * (lane % 4);
    for (int m = 0; m < 4; ++m) {
      uint32_t low = load.transposed ? matrices[m][t][g] : matrices[m][g][t];
      uint32_t high = load.transposed ? matrices[m][t + 1][g] : matrices[m][g][t + 1];
      load.fragment[m] = low | high << 16;
    }
  }
}

}  // namespace

void load_matrices(const MatrixLoad& load) {
  // Each lane reads one row, but lanes get what others read: the reads are noted for the lane that gave the address.
  note_access(load.row, 16, false, load.place);
  MatrixLoad argument = load;
  warp_collective(load.transposed ? "ldmatrix_x4<true>" : "ldmatrix_x4<false>", full_mask, load.place, &argument,
                  compute_load);
}

void multiply_bf16(const MatrixProduct& product) {
  MatrixProduct argument = product;
  warp_collective("mma_bf16", full_mask, product.place, &argument, compute_product<16, gather_bf16>);
}

void multiply_tf32(const MatrixProduct& product) {
  MatrixProduct argument = product;
  warp_collective("mma_tf32", full_mask, product.place, &argument, compute_product<8, gather_tf32>);
}

}  // namespace cuunet::simt
