#ifdef CUUNET_CUDA
#include "engine/device/cuda/cuda_context.h"

#include "kernels/activation/relu.h"
#include "kernels/device/error.h"

#include <doctest/doctest.h>

#include <vector>

namespace cuunet {
namespace {

TEST_CASE("cuda context: a GPU that is not there is named") {
  int count = cuda_device_count();
  CHECK_THROWS_WITH_AS(CudaContext({.device = count}), doctest::Contains("there is no GPU number"), Error);
  CHECK_THROWS_AS(CudaContext({.device = -1}), Error);
}

TEST_CASE("cuda context: values go there and back, and a kernel runs between" *
          doctest::skip(cuda_device_count() == 0)) {
  CudaContext context;
  std::vector<float> x{-1, 2, -3, 4, 5}, y(5, -1.0f);
  Workspace memory(context, 40);
  float* device = memory.as<float>();
  context.upload(device, x.data(), 20);
  relu_forward(context, ConstView{device, DType::f32, {5}, 5, 5}, View{device + 5, DType::f32, {5}, 5, 5});
  context.download(y.data(), device + 5, 20);
  CHECK(y == std::vector<float>{0, 2, 0, 4, 5});
}

}  // namespace
}  // namespace cuunet
#endif
