#ifdef CUUNET_CUDA
#include "engine/device/cuda/cuda_context.h"

#include "engine/device/cuda/pinned_staging.h"
#include "engine/device/gpu_survey.h"
#include "kernels/activation/relu.h"
#include "kernels/device/error.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace cuunet {
namespace {

int gpu_count() { return static_cast<int>(survey_gpus().gpus.size()); }

TEST_CASE("cuda context: a GPU that is not there is one line with what to do") {
  CHECK_THROWS_WITH_AS(CudaContext({.device = gpu_count()}), doctest::Contains("or run with --device cpu"), Error);
  CHECK_THROWS_AS(CudaContext({.device = -1}), Error);
}

TEST_CASE("cuda context: values go there and back, and a kernel runs between" * doctest::skip(gpu_count() == 0)) {
  CudaContext context;
  std::vector<float> x{-1, 2, -3, 4, 5}, y(5, -1.0f);
  Workspace memory(context, 40);
  float* device = memory.as<float>();
  context.upload(device, x.data(), 20);
  relu_forward(context, ConstView{device, DType::f32, {5}, 5, 5}, View{device + 5, DType::f32, {5}, 5, 5});
  context.download(y.data(), device + 5, 20);
  CHECK(y == std::vector<float>{0, 2, 0, 4, 5});
}

// More than both halves of the pinned memory, and pieces that do not fill them evenly.
TEST_CASE("cuda context: large and many uploads arrive, beside the kernels too" * doctest::skip(gpu_count() == 0)) {
  CudaContext context;
  size_t count = 5 * PinnedStaging::half_bytes / sizeof(int) + 3;
  std::vector<int> values(count), back(count);
  std::iota(values.begin(), values.end(), 1);
  Workspace memory(context, count * sizeof(int));
  int* device = memory.as<int>();
  SUBCASE("at once") { context.upload(device, values.data(), count * sizeof(int)); }
  SUBCASE("in pieces") {
    for (size_t at = 0; at < count; at += 100003) {
      context.upload(device + at, values.data() + at, std::min<size_t>(100003, count - at) * sizeof(int));
    }
  }
  SUBCASE("ahead") {
    context.join_uploads();
    context.upload_ahead(device, values.data(), count * sizeof(int));
    context.join_uploads();
  }
  context.download(back.data(), device, count * sizeof(int));
  CHECK(back == values);
}

TEST_CASE("cuda context: a full GPU says what was needed and what it has" * doctest::skip(gpu_count() == 0)) {
  CudaContext context;
  size_t all = context.memory().available;
  CHECK(all > 0);
  CHECK_THROWS_WITH_AS(Workspace(context, 2 * all), doctest::Contains("the GPU's memory is full: "), OutOfMemory);
  CHECK_NOTHROW(Workspace(context, 1 << 20));
}

}  // namespace
}  // namespace cuunet
#endif
