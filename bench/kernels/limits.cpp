#include "bench/kernels/limits.h"

#include "kernels/device/parallel.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace cuunet::bench {
namespace {

using Lanes [[gnu::vector_size(64)]] = float;
constexpr int lanes = 16;

// `rounds` multiply-adds in each of `chains` independent chains of 16 floats; enough chains to hide the latency, few
// enough for the registers.
template <int chains>
[[gnu::always_inline]] inline float multiply_add(int64_t rounds, float factor) {
  Lanes sums[chains];
  for (int i = 0; i < chains; ++i) sums[i] = Lanes{} + static_cast<float>(i);
  for (int64_t r = 0; r < rounds; ++r) {
#pragma GCC unroll 8
    for (int i = 0; i < chains; ++i) sums[i] = sums[i] * factor + factor;
  }
  float total = 0;
  for (int i = 0; i < chains; ++i) total += sums[i][0];
  return total;
}

// The best of some runs, in seconds.
template <class Run>
double seconds_of(int runs, const Run& run) {
  double best = 1e30;
  for (int i = 0; i < runs; ++i) {
    auto start = std::chrono::steady_clock::now();
    run();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

template <int chains>
double flops(Context& context) {
  constexpr int64_t rounds = 1 << 20;
  Workspace memory(context, sizeof(float) * static_cast<size_t>(context.threads()));
  float* kept = memory.as<float>();  // so that the sums are needed
  double seconds = seconds_of(10, [&] {
    parallel_for(context, context.threads(), 1, [=](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; ++t) kept[t] = multiply_add<chains>(rounds, 0.5f);
    });
  });
  return 2.0 * lanes * chains * static_cast<double>(rounds * context.threads()) / seconds;
}

// y = x + y over 128 MiB each; counts what is read and written.
double stream_bytes(Context& context) {
  constexpr int64_t count = int64_t{32} << 20;
  Workspace x_memory(context, count * sizeof(float)), y_memory(context, count * sizeof(float));
  float *x = x_memory.as<float>(), *y = y_memory.as<float>();
  auto each = [&](auto body) { parallel_for(context, count, 1 << 14, body); };
  each([=](int64_t begin, int64_t end) { std::fill(x + begin, x + end, 1.0f), std::fill(y + begin, y + end, 1.0f); });
  double seconds = seconds_of(5, [&] {
    each([=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) y[i] += x[i];
    });
  });
  return 3.0 * static_cast<double>(count * static_cast<int64_t>(sizeof(float))) / seconds;
}

// Operations per clock of one multiprocessor.
struct PerClock {
  int major, minor;
  double f32, bf16;  // tf32 is half of bf16
};
// Compute capabilities 8.0, 8.6, 8.9, 9.0, 10.0, 12.0: CUDA's programming guide and the data sheets of A100, A40, L40S,
// H100, B200 and RTX PRO 6000. GeForce cards of 8.6, 8.9 and 12.0 do half of that with f32 sums.
constexpr PerClock per_clock[] = {{8, 0, 128, 2048}, {8, 6, 256, 1024},  {8, 9, 256, 1024},
                                  {9, 0, 256, 4096}, {10, 0, 256, 8192}, {12, 0, 256, 1024}};

}  // namespace

std::string Limits::text() const {
  std::string text = fmt::format("{:.0f} GB/s", bytes * 1e-9);
  for (auto [name, value] : {std::pair{"f32", f32}, std::pair{"tf32", tf32}, std::pair{"bf16", bf16}}) {
    if (value > 0) text += fmt::format(", {} {:.4g} TFLOP/s", name, value * 1e-12);
  }
  return text;
}

double seconds_at(const Limits& limits, const Work& work) {
  double rate = work.dtype == DType::bf16 ? limits.bf16 : work.tf32 ? limits.tf32 : limits.f32;
  if (limits.bytes == 0 || (work.flops > 0 && rate == 0)) return 0;
  return std::max(work.bytes / limits.bytes, work.flops > 0 ? work.flops / rate : 0);
}

Limits cpu_limits(Context& context) {
  Limits limits;
  limits.bytes = stream_bytes(context);
  limits.f32 = context.isa() == Isa::avx512 ? flops<8>(context) : flops<4>(context);
  return limits;
}

Limits gpu_limits(const GpuFacts& gpu) {
  Limits limits;
  limits.bytes = 2 * gpu.memory_clock * gpu.bus_bits / 8;  // two transfers per clock
  for (const PerClock& kind : per_clock) {
    if (kind.major != gpu.major || kind.minor != gpu.minor) continue;
    double clocks = gpu.clock * gpu.multiprocessors;
    bool halved = gpu.name.find("GeForce") != std::string::npos && gpu.major != 9;
    limits.f32 = kind.f32 * clocks;
    limits.bf16 = kind.bf16 * clocks / (halved ? 2 : 1);
    limits.tf32 = limits.bf16 / 2;
  }
  return limits;
}

}  // namespace cuunet::bench
