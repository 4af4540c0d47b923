// What a device can do at most: the yardstick of a row's share.
//
// share = the time that the row's bytes or its operations, whichever takes longer, would take at the limit / its time.
// On the CPU both limits are measured at the start, with all threads: a stream of memory far beyond the cache, chains
// of f32 multiply-adds that stay in registers. A row whose memory fits into the cache may so have a share above 1. On a
// GPU they are its data sheet's: the clocks and the width of its memory as the driver reports them, and what its kind
// of multiprocessor does per clock (dense, f32 sums). Of a kind that the table lacks, only the bytes count.
#pragma once

#include "kernels/device/context.h"
#include "kernels/device/dtype.h"

#include <string>

namespace cuunet::bench {

// Per second; 0 where it is not known.
struct Limits {
  double bytes = 0, f32 = 0, tf32 = 0, bf16 = 0;
  std::string text() const;  // "3352 GB/s, f32 61.84 TFLOP/s, tf32 494.7 TFLOP/s, bf16 989.4 TFLOP/s"
};

struct Work {
  double bytes = 0, flops = 0;
  DType dtype = DType::f32;
  bool tf32 = false;
};

// The least time for this work; 0 where a limit that matters is not known.
double seconds_at(const Limits&, const Work&);

// Measured; takes half a second. bf16 is left out: it depends on instructions that not every CPU has.
Limits cpu_limits(Context&);

struct GpuFacts {
  std::string name;
  int major = 0, minor = 0, multiprocessors = 0;
  double clock = 0, memory_clock = 0;  // Hz
  int bus_bits = 0;
};
Limits gpu_limits(const GpuFacts&);

}  // namespace cuunet::bench
