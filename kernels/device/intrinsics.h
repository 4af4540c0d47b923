// The instructions that CUDA C++ has no name for, as PTX on the device and as the host executor's functions elsewhere.
// The only inline PTX of the program. sm_80 and later.
#pragma once

#include "kernels/device/dtype.h"
#include "kernels/device/kernel.h"

#ifdef __CUDACC__
#define CUUNET_PLACE
#else
#include "kernels/simt/matrix.h"
// Host versions also take the line that calls them, for errors.
#define CUUNET_PLACE , [[maybe_unused]] Place place = Place::here()
#endif

namespace cuunet::CUUNET_TARGET {

// Copies 16 bytes to shared memory behind the thread's back: the first `valid_bytes` from global, the rest zeros.
// `global` must be a valid address even when valid_bytes is 0. Readable after commit, wait, and a barrier.
__device__ __forceinline__ void cp_async(void* shared, const void* global, int valid_bytes CUUNET_PLACE) {
#ifdef __CUDACC__
  unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(shared));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(address), "l"(global), "r"(valid_bytes)
               : "memory");
#else
  async_copy(shared, global, 16, static_cast<size_t>(valid_bytes), place);
#endif
}

// Closes a group of this thread's copies.
__device__ __forceinline__ void cp_async_commit() {
#ifdef __CUDACC__
  asm volatile("cp.async.commit_group;\n" ::: "memory");
#else
  async_commit();
#endif
}

// Waits until at most `groups` of this thread's latest groups are under way.
template <int groups>
__device__ __forceinline__ void cp_async_wait() {
#ifdef __CUDACC__
  asm volatile("cp.async.wait_group %0;\n" ::"n"(groups) : "memory");
#else
  async_wait(groups);
#endif
}

// Four 8 × 8 matrices of 16-bit elements: lane l gives the address of row l % 8 of matrix l / 8. Register m is row l /
// 4, columns 2(l % 4) and the next of matrix m; transposed: column l / 4, rows 2(l % 4) and the next.
template <bool transposed>
__device__ __forceinline__ void ldmatrix_x4(uint32_t (&fragment)[4], const void* row CUUNET_PLACE) {
#ifdef __CUDACC__
  unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(row));
  if constexpr (transposed) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];\n"
                 : "=r"(fragment[0]), "=r"(fragment[1]), "=r"(fragment[2]), "=r"(fragment[3])
                 : "r"(address)
                 : "memory");
  } else {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];\n"
                 : "=r"(fragment[0]), "=r"(fragment[1]), "=r"(fragment[2]), "=r"(fragment[3])
                 : "r"(address)
                 : "memory");
  }
#else
  load_matrices({row, fragment, transposed, place});
#endif
}

// accumulators[i][j] += a[i] · b[j], tiles of 16 × 8 with depth 16: bf16 operands, two per register; f32 sums.
template <int I, int J>
__device__ __forceinline__ void mma_bf16(float (&accumulators)[I][J][4], const uint32_t (&a)[I][4],
                                         const uint32_t (&b)[J][2] CUUNET_PLACE) {
#ifdef __CUDACC__
#pragma unroll
  for (int i = 0; i < I; ++i) {
#pragma unroll
    for (int j = 0; j < J; ++j) {
      float(&c)[4] = accumulators[i][j];
      asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};\n"
          : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
          : "r"(a[i][0]), "r"(a[i][1]), "r"(a[i][2]), "r"(a[i][3]), "r"(b[j][0]), "r"(b[j][1]));
    }
  }
#else
  static_assert(I <= max_tiles && J <= max_tiles);
  multiply_bf16({&a[0][0], &b[0][0], &accumulators[0][0][0], I, J, place});
#endif
}

// The same with depth 8 and tf32 operands, one per register (see to_tf32).
template <int I, int J>
__device__ __forceinline__ void mma_tf32(float (&accumulators)[I][J][4], const uint32_t (&a)[I][4],
                                         const uint32_t (&b)[J][2] CUUNET_PLACE) {
#ifdef __CUDACC__
#pragma unroll
  for (int i = 0; i < I; ++i) {
#pragma unroll
    for (int j = 0; j < J; ++j) {
      float(&c)[4] = accumulators[i][j];
      asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};\n"
          : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
          : "r"(a[i][0]), "r"(a[i][1]), "r"(a[i][2]), "r"(a[i][3]), "r"(b[j][0]), "r"(b[j][1]));
    }
  }
#else
  static_assert(I <= max_tiles && J <= max_tiles);
  multiply_tf32({&a[0][0], &b[0][0], &accumulators[0][0][0], I, J, place});
#endif
}

// f32 → tf32 (10 bits of mantissa), to nearest, ties away from zero.
__device__ __forceinline__ uint32_t to_tf32(uint32_t f32_bits) {
#ifdef __CUDACC__
  uint32_t bits;
  asm("cvt.rna.tf32.f32 %0, %1;\n" : "=r"(bits) : "f"(__uint_as_float(f32_bits)));
  return bits;
#else
  bool finite = (f32_bits & 0x7F800000u) != 0x7F800000u;
  return finite ? (f32_bits + 0x1000u) & 0xFFFFE000u : f32_bits;
#endif
}

// f32 → bf16, to nearest, ties to even.
__device__ __forceinline__ uint16_t to_bf16_bits(float value) {
#ifdef __CUDACC__
  uint16_t bits;
  asm("cvt.rn.bf16.f32 %0, %1;\n" : "=h"(bits) : "f"(value));
  return bits;
#else
  return bfloat16(value).bits;
#endif
}

}  // namespace cuunet::CUUNET_TARGET
