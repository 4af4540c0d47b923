#include "engine/device/gpu_survey.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

// A machine whose two GPUs can be used.
GpuSurvey two_gpus() {
  return {.built = true,
          .driver_here = true,
          .architectures = "80-real,90a-real",
          .needs = 13000,
          .speaks = 13020,
          .gpus = {{.name = "NVIDIA A100", .major = 8, .minor = 0}, {.name = "NVIDIA H100", .major = 9, .minor = 0}}};
}

GpuSurvey changed(void (*change)(GpuSurvey&)) {
  GpuSurvey survey = two_gpus();
  change(survey);
  return survey;
}

TEST_CASE("gpu survey: what keeps a GPU from being used is one line that says what to do") {
  struct Row {
    const char* obstacle;
    GpuSurvey survey;
    int index = 0;
  };
  for (const Row& row : {
           Row{"", two_gpus()},
           Row{"", two_gpus(), 1},
           Row{"", changed([](GpuSurvey& s) { s.needs = 13020, s.speaks = 13000; })},  // of one major version
           Row{"this program was built without CUDA; build it with -DCUUNET_CUDA=ON, or run with --device cpu", {}},
           Row{"no NVIDIA driver was found on this machine; install one for CUDA 13.0 or later, or run with --device "
               "cpu",
               changed([](GpuSurvey& s) { s.speaks = 0, s.gpus.clear(), s.failure = "insufficient driver"; })},
           Row{"the NVIDIA driver speaks CUDA 12.4, this program needs 13.0 or later; update the driver, or run with "
               "--device cpu",
               changed([](GpuSurvey& s) { s.speaks = 12040, s.gpus.clear(), s.failure = "insufficient driver"; })},
           Row{"the NVIDIA driver says: unknown error; see whether nvidia-smi works, or run with --device cpu",
               changed([](GpuSurvey& s) { s.gpus.clear(), s.failure = "unknown error"; })},
           Row{"the NVIDIA driver shows no GPU to this program (see CUDA_VISIBLE_DEVICES); make one visible, or run "
               "with "
               "--device cpu",
               changed([](GpuSurvey& s) { s.gpus.clear(); })},
           Row{"there is no GPU number 2, this machine has 2, counted from 0; take one of them, or run with --device "
               "cpu",
               two_gpus(), 2},
           Row{"the NVIDIA T4 has compute capability 7.5, this program was built for 80-real,90a-real; kernels are for "
               "8.0 and later: build it with -DCUUNET_CUDA_ARCHITECTURES=native, or run with --device cpu",
               changed([](GpuSurvey& s) { s.gpus[0] = {.name = "NVIDIA T4", .major = 7, .minor = 5}; })},
       }) {
    CHECK(gpu_obstacle(row.survey, row.index) == row.obstacle);
  }
}

TEST_CASE("gpu survey: which kernels run on which GPU") {
  struct Row {
    const char* architectures;
    int major, minor;
    bool runs;
  };
  for (const Row& row :
       {Row{"80-real", 8, 0, true}, Row{"80-real", 8, 9, true}, Row{"80-real", 9, 0, false},
        Row{"86-real", 8, 0, false}, Row{"80", 12, 0, true}, Row{"80-virtual", 9, 0, true}, Row{"90", 8, 9, false},
        Row{"90a-real", 9, 0, true}, Row{"90a-real", 10, 0, false}, Row{"80-real,90a-real", 9, 0, true},
        Row{"100-real,120-real", 12, 1, true}, Row{"native", 7, 5, true}, Row{"", 8, 0, false}}) {
    CAPTURE(row.architectures);
    CAPTURE(row.major);
    CHECK(runs_on(row.architectures, row.major, row.minor) == row.runs);
  }
}

}  // namespace
}  // namespace cuunet
