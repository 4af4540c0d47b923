// Against cuBLAS of this machine, which needs a GPU for a handle only.
#include "kernels/device/nvidia/cublas_library.h"

#include <doctest/doctest.h>

#include <string>

namespace cuunet {

TEST_CASE("cublas_library: every function of the table is in the installed library") {
  const CublasLibrary& library = cublas_library();  // throws else, naming the function
  CHECK_FALSE(std::string(library.cublasGetStatusString(CUBLAS_STATUS_SUCCESS)).empty());
}

}  // namespace cuunet
