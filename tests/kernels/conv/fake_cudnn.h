// A cuDNN that convolves by plain loops on the CPU, of what its descriptors say: with it the calls that we make, the
// layouts and the choice of algorithms are tested where there is no GPU.
#pragma once

#include "kernels/device/nvidia/cudnn_library.h"

#include <vector>

namespace cuunet {

// One algorithm that its heuristics propose, by number.
struct FakeAlgorithm {
  int number;
  bool deterministic = true, runs = true;  // when it does not run it says so only then, as the real ones may
};

struct FakeCudnn {
  static CudnnLibrary library();
  static std::vector<FakeAlgorithm> proposals;  // by any pass; 1, which always runs, is the safe one of every pass
  // What it was asked for since clear().
  struct Call {
    int algorithm;
    cudnnMathType_t math;
  };
  static std::vector<Call> calls;
  static int live_descriptors;
  static bool fuses;  // whether it adds a bias along with the forward pass
  static void clear();
};

}  // namespace cuunet
