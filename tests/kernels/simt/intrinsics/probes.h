// What the warp's instructions and the CUDA functions that kernels use do to words drawn from a seed. A probe is a
// small kernel of one block: every thread gets `inputs` words and gives back `outputs`. The same source runs on a GPU
// (intrinsics_cuda) and on the host executor (intrinsics_simt), so that what the two make of it can be compared.
#pragma once

#include "kernels/device/philox.h"

#include <cstdint>
#include <vector>

namespace cuunet {

// What a probe's results are, and how far from the expected ones they may lie.
struct Results {
  enum Kind { bits, f32, bf16 } kind = bits;  // bf16: in the low half of a word
  double absolute = 0, ulps = 0;              // of f32; any NaN equals any other
};

struct Probe {
  const char* name;
  int threads, inputs, outputs;  // words per thread
  uint32_t (*draw)(RandomStream& random, int word);
  Results results;
  void (*launch)(const Probe& probe, const uint32_t* inputs, uint32_t* outputs);
};

const std::vector<Probe>& probes();

// [thread][word], on the device of this build.
std::vector<uint32_t> run(const Probe& probe, const std::vector<uint32_t>& inputs);

}  // namespace cuunet
