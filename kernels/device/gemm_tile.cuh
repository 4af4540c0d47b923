// One block's share of a matrix product C[m][n] = Σ_k A[m][k] · B[n][k], out of shared memory.
//
// A stage of shared memory holds 64 bytes of depth (32 bf16 or 16 f32) of A's BM rows and B's BN rows, each with the
// depth innermost ([m][k], [n][k]) or outermost ([k][m], [k][n]); rows are padded so that no two lanes meet in a bank.
// Every kind of arithmetic keeps its sums in the accumulator layout of mma.m16n8: lane l has rows l/4 and l/4 + 8,
// columns 2(l%4) and the next, of each 16 × 8 tile.
// Per element of depth and 16 × 8 tile: 128 multiplications; from shared memory (16 + 8) elements, less what the tiles
// of a warp share. Bound, with tiles of 128 × 64: the tensor cores; in plain f32 the loads from shared memory.
#pragma once

#include "kernels/device/storage.h"

namespace cuunet::CUUNET_TARGET {

// Kinds of arithmetic: tensor cores on bf16, tensor cores on f32 rounded to tf32, or plain f32. Sums are f32.
struct Bf16Math {
  using Storage = bfloat16;
};
struct Tf32Math {
  using Storage = float;
};
struct F32Math {
  using Storage = float;
};

constexpr int gemm_threads = 128;
constexpr int gemm_stages = 4;

template <int BM_, int BN_, int warps_m_, int warps_n_>
struct Tile {
  static constexpr int BM = BM_, BN = BN_, warps_m = warps_m_, warps_n = warps_n_;
  static constexpr int I = BM / warps_m / 16, J = BN / warps_n / 8;  // 16 × 8 tiles of a warp
  static_assert(warps_m * warps_n * 32 == gemm_threads && J % 2 == 0);
};
using LargeTile = Tile<128, 64, 2, 2>;
using SmallTile = Tile<16, 64, 1, 4>;  // for the few pixels of small images

enum class Depth { inner, outer };

template <class Math, class Tile_, Depth a_depth, Depth b_depth = a_depth>
struct GemmTile {
  using T = typename Math::Storage;
  using Tile = Tile_;
  static constexpr int I = Tile::I, J = Tile::J;
  static constexpr bool a_outer = a_depth == Depth::outer, b_outer = b_depth == Depth::outer;
  static constexpr int depth = 64 / static_cast<int>(sizeof(T));
  static constexpr int chunk = pack_size<T>;  // elements of a 16-byte copy
  // 16 bytes of padding serve ldmatrix; lanes that read single f32 words of an outer depth need 32.
  static constexpr int padding(bool outer) { return (outer && sizeof(T) == 4 ? 32 : 16) / static_cast<int>(sizeof(T)); }
  static constexpr int pitch_a = (a_outer ? Tile::BM : depth) + padding(a_outer);
  static constexpr int pitch_b = (b_outer ? Tile::BN : depth) + padding(b_outer);
  static constexpr int a_elements = (a_outer ? depth : Tile::BM) * pitch_a;
  static constexpr int b_elements = (b_outer ? depth : Tile::BN) * pitch_b;
  static constexpr int stage_elements = a_elements + b_elements;
  static constexpr size_t shared_bytes = size_t{gemm_stages} * stage_elements * sizeof(T);

  float sum[I][J][4];
  int lane, warp_m, warp_n;  // first row and column of the warp

  __device__ GemmTile() {
    int warp = static_cast<int>(threadIdx.x) / 32;
    lane = static_cast<int>(threadIdx.x) % 32;
    warp_m = warp % Tile::warps_m * (Tile::BM / Tile::warps_m);
    warp_n = warp / Tile::warps_m * (Tile::BN / Tile::warps_n);
    clear();
  }

  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int i = 0; i < I; ++i) {
#pragma unroll
      for (int j = 0; j < J; ++j) {
#pragma unroll
        for (int e = 0; e < 4; ++e) sum[i][j][e] = 0;
      }
    }
  }

  // sum += A · Bᵀ of one stage.
  __device__ __forceinline__ void multiply(const T* a, const T* b) {
    if constexpr (std::is_same_v<Math, F32Math>) {
      multiply_plain(a, b);
    } else {
#pragma unroll
      for (int step = 0; step < 2; ++step) {  // 32 bytes of depth each
        uint32_t fa[I][4], fb[J][2];
        load_a(a, step, fa);
        load_b(b, step, fb);
        if constexpr (std::is_same_v<Math, Bf16Math>) {
          mma_bf16<I, J>(sum, fa, fb);
        } else {
          round_to_tf32(fa);
          round_to_tf32(fb);
          mma_tf32<I, J>(sum, fa, fb);
        }
      }
    }
  }

  // visit(row, column, two sums) for all pairs of neighbouring columns that this thread has, relative to the block.
  template <class Visit>
  __device__ __forceinline__ void each_pair(const Visit& visit) const {
#pragma unroll
    for (int i = 0; i < I; ++i) {
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        int row = warp_m + 16 * i + 8 * half + lane / 4;
#pragma unroll
        for (int j = 0; j < J; ++j) {
          visit(row, warp_n + 8 * j + lane % 4 * 2, sum[i][j][2 * half], sum[i][j][2 * half + 1]);
        }
      }
    }
  }

 private:
  static constexpr bool tf32 = std::is_same_v<Math, Tf32Math>;
  static constexpr int half = 16 / static_cast<int>(sizeof(T));  // 16 bytes of depth

  // A's 16 × 32 bytes: ldmatrix, transposed where the depth is outermost; it cannot transpose 32-bit elements, so those
  // come word by word, as m16n8k8 wants them.
  __device__ __forceinline__ void load_a(const T* a, int step, uint32_t (&fa)[I][4]) const {
#pragma unroll
    for (int i = 0; i < I; ++i) {
      int m = warp_m + 16 * i;
      if constexpr (a_outer && tf32) {
        int g = lane / 4, k = 8 * step + lane % 4;
#pragma unroll
        for (int e = 0; e < 4; ++e) fa[i][e] = __float_as_uint(a[(k + e / 2 * 4) * pitch_a + m + g + e % 2 * 8]);
      } else if constexpr (a_outer) {
        int k = 2 * half * step + lane / 16 * 8 + lane % 8;
        ldmatrix_x4<true>(fa[i], a + k * pitch_a + m + lane / 8 % 2 * 8);
      } else {
        ldmatrix_x4<false>(fa[i], a + (m + lane % 16) * pitch_a + half * (2 * step + lane / 16));
      }
    }
  }

  // B's pairs of 8 × 32 bytes, alike.
  __device__ __forceinline__ void load_b(const T* b, int step, uint32_t (&fb)[J][2]) const {
#pragma unroll
    for (int j = 0; j < J; j += 2) {
      int n = warp_n + 8 * j;
      if constexpr (b_outer && tf32) {
        int g = lane / 4, k = 8 * step + lane % 4;
#pragma unroll
        for (int e = 0; e < 4; ++e) {
          fb[j + e / 2][e % 2] = __float_as_uint(b[(k + e % 2 * 4) * pitch_b + n + e / 2 * 8 + g]);
        }
      } else {
        uint32_t pair[4];
        if constexpr (b_outer) {
          int k = 2 * half * step + lane % 16;
          ldmatrix_x4<true>(pair, b + k * pitch_b + n + lane / 16 * 8);
        } else {
          ldmatrix_x4<false>(pair, b + (n + lane / 16 * 8 + lane % 8) * pitch_b + half * (2 * step + lane / 8 % 2));
        }
        fb[j][0] = pair[0], fb[j][1] = pair[1], fb[j + 1][0] = pair[2], fb[j + 1][1] = pair[3];
      }
    }
  }

  template <int rows, int registers>
  __device__ __forceinline__ static void round_to_tf32(uint32_t (&fragments)[rows][registers]) {
#pragma unroll
    for (int i = 0; i < rows; ++i) {
#pragma unroll
      for (int e = 0; e < registers; ++e) fragments[i][e] = to_tf32(fragments[i][e]);
    }
  }

  // A stage's 16 products are added up first: rounding errors of long sums are four times smaller than in one running
  // sum. At twice the registers for sums, which plain f32 can afford.
  __device__ __forceinline__ void multiply_plain(const float* a, const float* b) {
    int g = lane / 4, t = lane % 4;
    float run[I][J][4] = {};
#pragma unroll 4
    for (int k = 0; k < depth; ++k) {
      float va[I][2], vb[J][2];
#pragma unroll
      for (int i = 0; i < I; ++i) {
#pragma unroll
        for (int e = 0; e < 2; ++e) {
          int m = warp_m + 16 * i + 8 * e + g;
          va[i][e] = a[a_outer ? k * pitch_a + m : m * pitch_a + k];
        }
      }
#pragma unroll
      for (int j = 0; j < J; ++j) {
#pragma unroll
        for (int next = 0; next < 2; ++next) {
          int n = warp_n + 8 * j + 2 * t + next;
          vb[j][next] = b[b_outer ? k * pitch_b + n : n * pitch_b + k];
        }
      }
#pragma unroll
      for (int i = 0; i < I; ++i) {
#pragma unroll
        for (int j = 0; j < J; ++j) {
#pragma unroll
          for (int e = 0; e < 4; ++e) run[i][j][e] += va[i][e / 2] * vb[j][e % 2];
        }
      }
    }
#pragma unroll
    for (int i = 0; i < I; ++i) {
#pragma unroll
      for (int j = 0; j < J; ++j) {
#pragma unroll
        for (int e = 0; e < 4; ++e) sum[i][j][e] += run[i][j][e];
      }
    }
  }
};

// 16 bytes into shared memory: by cp.async where the source is aligned, else element by element. `valid` elements come
// from `source`, the others are zero; `anywhere` is an aligned valid address.
template <class T>
__device__ __forceinline__ void load_chunk(T* shared, const T* source, int valid, const T* anywhere, bool aligned) {
  constexpr int chunk = pack_size<T>;
  valid = min(max(valid, 0), chunk);
  if (aligned) {
    cp_async(shared, valid > 0 ? source : anywhere, valid * static_cast<int>(sizeof(T)));
    return;
  }
  T values[chunk];
#pragma unroll
  for (int e = 0; e < chunk; ++e) values[e] = e < valid ? source[e] : from_float<T>(0);
#pragma unroll
  for (int e = 0; e < chunk; ++e) shared[e] = values[e];
}

// The stages' pipeline: load(step, a, b) issues copies, multiply follows three stages behind.
template <class Gemm, class Load>
__device__ __forceinline__ void run_pipeline(Gemm& gemm, int steps, Load& load) {
  using T = typename Gemm::T;
  T* shared = dynamic_shared<T>();
  auto a_of = [&](int step) { return shared + step % gemm_stages * Gemm::stage_elements; };
  for (int step = 0; step < gemm_stages - 1; ++step) {
    if (step < steps) load(step, a_of(step), a_of(step) + Gemm::a_elements);
    cp_async_commit();
  }
  for (int step = 0; step < steps; ++step) {
    cp_async_wait<gemm_stages - 2>();
    __syncthreads();
    int next = step + gemm_stages - 1;
    if (next < steps) load(next, a_of(next), a_of(next) + Gemm::a_elements);
    cp_async_commit();
    gemm.multiply(a_of(step), a_of(step) + Gemm::a_elements);
  }
  cp_async_wait<0>();
}

}  // namespace cuunet::CUUNET_TARGET
