// The functions of cuBLAS that we call, as a table: libcublas is loaded at first use, so that the program runs without.
// Tests fill a table of their own.
#pragma once

#include <cublas_v2.h>

#include <string>

#define CUUNET_CUBLAS_FUNCTIONS(entry)                                                                  \
  entry(cublasGetStatusString) entry(cublasCreate_v2) entry(cublasDestroy_v2) entry(cublasSetStream_v2) \
      entry(cublasSetWorkspace_v2) entry(cublasSetMathMode)

namespace cuunet {

struct CublasLibrary {
#define CUUNET_ENTRY(name) decltype(&::name) name = nullptr;
  CUUNET_CUBLAS_FUNCTIONS(CUUNET_ENTRY)
#undef CUUNET_ENTRY
  // Overloaded in the header, so its type is written out.
  using Gemm = cublasStatus_t (*)(cublasHandle_t, cublasOperation_t, cublasOperation_t, int m, int n, int k,
                                  const void* alpha, const void* a, cudaDataType, int lda, long long stride_a,
                                  const void* b, cudaDataType, int ldb, long long stride_b, const void* beta, void* c,
                                  cudaDataType, int ldc, long long stride_c, int batches, cublasComputeType_t,
                                  cublasGemmAlgo_t);
  Gemm cublasGemmStridedBatchedEx = nullptr;
};

// The installed one; an Error that names what is missing, at every call until it can be loaded.
const CublasLibrary& cublas_library();

// Throws an Error "cublas: <what>: <reason>" unless the status is success.
void require_success(const CublasLibrary&, cublasStatus_t status, const std::string& what);

}  // namespace cuunet
