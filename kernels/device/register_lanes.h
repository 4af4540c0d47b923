// 16 channels in vectors as wide as the registers of one set of instructions (GCC keeps longer ones in memory, which
// takes several times as long), and the loop that runs the code for the widest.
#pragma once

#include "kernels/device/parallel.h"

#include <cstdint>

namespace cuunet {

constexpr int64_t lane_count = 16;
using Lanes [[gnu::vector_size(64), gnu::aligned(64), gnu::may_alias]] = float;

template <class A, Isa>
struct Register;
template <class A, Isa isa>
constexpr int64_t register_lanes = sizeof(typename Register<A, isa>::type) / sizeof(A);

template <class A>
struct Register<A, Isa::avx512> {
  using type [[gnu::vector_size(64), gnu::aligned(64), gnu::may_alias]] = A;
  using anywhere [[gnu::vector_size(64), gnu::aligned(sizeof(A)), gnu::may_alias]] = A;  // at any address
};
template <class A>
struct Register<A, Isa::avx2> {
  using type [[gnu::vector_size(32), gnu::aligned(32), gnu::may_alias]] = A;
  using anywhere [[gnu::vector_size(32), gnu::aligned(sizeof(A)), gnu::may_alias]] = A;
};
template <class A>
struct Register<A, Isa::baseline> {
  using type [[gnu::vector_size(16), gnu::aligned(16), gnu::may_alias]] = A;
  using anywhere [[gnu::vector_size(16), gnu::aligned(sizeof(A)), gnu::may_alias]] = A;
};

// Walks through vectors of 16 lanes in tiles as large as the registers (32 of 512 bits, 16 of 256, 16 of 128), rows by
// vectors: body.operator()<rows, vectors>(vector), from `first` on. With AVX-512 all vectors, at most four, at once.
template <Isa isa, class Body>
inline void for_register_tiles(int64_t first, int64_t vectors, const Body& body) {
  if constexpr (isa == Isa::avx512) {
    switch (vectors) {
      case 4: return body.template operator()<6, 4>(first);
      case 3: return body.template operator()<8, 3>(first);
      case 2: return body.template operator()<12, 2>(first);
      default: return body.template operator()<12, 1>(first);
    }
  } else {
    for (int64_t v = first; v < first + vectors; ++v) body.template operator()<isa == Isa::avx2 ? 6 : 3, 1>(v);
  }
}

// parallel_for of a body that is a template over the instructions: body.operator()<isa>(begin, end). What parallel_for
// compiles thrice only calls the one that fits: else each would hold the code for all.
template <class Body>
void parallel_for_isa(const Context& context, int64_t count, int64_t grain, const Body& body) {
  parallel_for(context, count, grain, [&body, widest = context.isa()](int64_t first, int64_t last) {
    switch (widest) {
      case Isa::avx512:
        return isa::run_avx512([&](int64_t begin, int64_t end) { body.template operator()<Isa::avx512>(begin, end); },
                               first, last);
      case Isa::avx2:
        return isa::run_avx2([&](int64_t begin, int64_t end) { body.template operator()<Isa::avx2>(begin, end); },
                             first, last);
      case Isa::baseline:
        return isa::run_baseline(
            [&](int64_t begin, int64_t end) { body.template operator()<Isa::baseline>(begin, end); }, first, last);
    }
  });
}

}  // namespace cuunet
