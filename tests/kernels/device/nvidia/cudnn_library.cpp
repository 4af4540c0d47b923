// Against cuDNN of this machine, which needs no GPU for anything but a handle.
#include "kernels/device/nvidia/cudnn_library.h"

#include "kernels/conv/cudnn_session.h"
#include "kernels/device/backend.h"
#include "kernels/device/error.h"
#include "kernels/device/nvidia/shared_library.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

TEST_CASE("cudnn_library: every function of the table is in the installed library") {
  const CudnnLibrary& library = cudnn_library();  // throws else, naming the function
  CHECK(library.cudnnGetVersion() / 10000 == 9);
  CHECK(cudnn_version().starts_with("cuDNN 9."));
  CHECK(cudnn_obstacle().empty());
}

TEST_CASE("cudnn_library: its descriptors give the result's size that ours has") {
  const CudnnLibrary& library = cudnn_library();
  SharedLibrary loaded({"libcudnn.so.9"});
  auto output_size = reinterpret_cast<decltype(&cudnnGetConvolution2dForwardOutputDim)>(
      loaded.function("cudnnGetConvolution2dForwardOutputDim"));
  for (int stride : {1, 2, 3}) {
    for (int padding : {0, 1, 3}) {
      for (DType dtype : {DType::f32, DType::bf16}) {
        Conv2dParams params{stride, padding};
        Shape x{2, 3, 23, 14}, w{99, 3, 7, 5}, y = conv2d_output_shape(x, w, params);
        DenseProblem problem = dense_problem(x, w, y, dtype, false, params);
        CAPTURE(problem.text());
        CudnnDescriptors descriptors(library, problem);
        int n = 0, k = 0, p = 0, q = 0;
        REQUIRE(output_size(descriptors.convolution, descriptors.x, descriptors.w, &n, &k, &p, &q) ==
                CUDNN_STATUS_SUCCESS);
        CHECK(std::array{n, k, p, q} == std::array{problem.n, problem.k, problem.p, problem.q});
      }
    }
  }
}

TEST_CASE("shared_library: what is missing is named") {
  CHECK_THROWS_WITH_AS(SharedLibrary({"libcuunet_none.so.9", "/nowhere/libcuunet_none.so.9"}),
                       doctest::Contains("libcuunet_none.so.9 cannot be loaded ("), Error);
  SharedLibrary library({"libcudnn.so.9"});
  CHECK_THROWS_WITH_AS(library.function("cudnnNone"),
                       "libcudnn.so.9 has no function cudnnNone; another version is needed", Error);
}

}  // namespace
}  // namespace cuunet
