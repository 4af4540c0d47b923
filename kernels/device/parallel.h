// Loops on the CPU: split over threads in a way that depends on nothing but the counts (so that sums come out the
// same every time), each part compiled for the baseline, AVX2 and AVX-512 and chosen at run time.
//
//   parallel_for(context, rows, 64, [=](int64_t begin, int64_t end) { for (int64_t r = begin; r < end; ++r) … });
//
// Everything the body calls must be inlinable (templates, lambdas), or it runs as baseline code.
#pragma once

#include "kernels/device/context.h"
#include "kernels/device/dtype.h"

#include <algorithm>
#include <cstdint>

namespace cuunet {

namespace isa {
template <class Body>
[[gnu::target("arch=x86-64-v4,prefer-vector-width=512"), gnu::flatten, gnu::noinline]] void run_avx512(const Body& body,
                                                                                                       int64_t begin,
                                                                                                       int64_t end) {
  body(begin, end);
}
template <class Body>
[[gnu::target("arch=x86-64-v3"), gnu::flatten, gnu::noinline]] void run_avx2(const Body& body, int64_t begin,
                                                                             int64_t end) {
  body(begin, end);
}
template <class Body>
[[gnu::flatten, gnu::noinline]] void run_baseline(const Body& body, int64_t begin, int64_t end) {
  body(begin, end);
}
}  // namespace isa

// Runs body(begin, end) here, with the widest instructions the context allows.
template <class Body>
void run_widest(const Context& context, int64_t begin, int64_t end, const Body& body) {
  switch (context.isa()) {
    case Isa::avx512: return isa::run_avx512(body, begin, end);
    case Isa::avx2: return isa::run_avx2(body, begin, end);
    case Isa::baseline: return isa::run_baseline(body, begin, end);
  }
}

// Calls body(begin, end) on parts of 0 … count-1, each part at least `grain` long, on the context's threads.
template <class Body>
void parallel_for(const Context& context, int64_t count, int64_t grain, const Body& body) {
  if (count <= 0) return;
  int64_t parts = std::clamp<int64_t>(count / std::max<int64_t>(grain, 1), 1, context.threads());
  if (parts == 1) return run_widest(context, 0, count, body);
#pragma omp parallel for num_threads(static_cast <int>(parts)) schedule(static, 1)
  for (int64_t part = 0; part < parts; ++part) {
    run_widest(context, count * part / parts, count * (part + 1) / parts, body);
  }
}

// A sum over 0 … count-1 whose bits do not depend on the number of threads: partial(begin, end) over blocks of fixed
// length, added in order. partial returns double or float.
template <class Partial>
double parallel_sum(Context& context, int64_t count, int64_t block, const Partial& partial) {
  int64_t blocks = (count + block - 1) / block;
  Workspace partials(context, static_cast<size_t>(blocks) * sizeof(double));
  double* sums = partials.as<double>();
  parallel_for(context, blocks, 1, [=](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) sums[b] = partial(b * block, std::min(count, (b + 1) * block));
  });
  double total = 0;
  for (int64_t b = 0; b < blocks; ++b) total += sums[b];
  return total;
}

[[noreturn]] void throw_not_a_float(DType dtype);

// Calls visitor with a value of the storage type: visit_float(x.dtype, [&]<class T>(T) { … }).
template <class Visitor>
void visit_float(DType dtype, const Visitor& visitor) {
  switch (dtype) {
    case DType::f32: return visitor(float{});
    case DType::bf16: return visitor(bfloat16{});
    case DType::f64: return visitor(double{});
    default: break;
  }
  throw_not_a_float(dtype);
}

}  // namespace cuunet
