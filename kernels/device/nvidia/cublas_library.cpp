#include "kernels/device/nvidia/cublas_library.h"

#include "kernels/device/error.h"
#include "kernels/device/nvidia/shared_library.h"

namespace cuunet {
namespace {

// Its number is that of the headers, which is CUDA's: libcublas.so.12, libcublas.so.13.
CublasLibrary load() {
  std::string name = fmt::format("libcublas.so.{}", CUBLAS_VER_MAJOR);
  SharedLibrary file({name, CUUNET_CUBLAS_FOLDER "/" + name});
  CublasLibrary library;
#define CUUNET_ENTRY(name) library.name = reinterpret_cast<decltype(&::name)>(file.function(#name));
  CUUNET_CUBLAS_FUNCTIONS(CUUNET_ENTRY)
#undef CUUNET_ENTRY
  library.cublasGemmStridedBatchedEx =
      reinterpret_cast<CublasLibrary::Gemm>(file.function("cublasGemmStridedBatchedEx"));
  return library;
}

}  // namespace

const CublasLibrary& cublas_library() {
  static const CublasLibrary library = load();
  return library;
}

void require_success(const CublasLibrary& library, cublasStatus_t status, const std::string& what) {
  if (status != CUBLAS_STATUS_SUCCESS) throw Error("cublas: {}: {}", what, library.cublasGetStatusString(status));
}

}  // namespace cuunet
