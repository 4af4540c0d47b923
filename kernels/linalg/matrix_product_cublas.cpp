#include "kernels/linalg/matrix_product_cublas.h"

#include "kernels/device/error.h"
#include "kernels/device/nvidia/aligned_workspace.h"
#include "kernels/linalg/column_major.h"

#include <limits>

namespace cuunet {
namespace {

constexpr size_t workspace_bytes = size_t{32} << 20;  // what cuBLAS wants on Hopper; elsewhere 4 MiB would do

cudaDataType data_type(DType dtype) {
  switch (dtype) {
    case DType::f32: return CUDA_R_32F;
    case DType::bf16: return CUDA_R_16BF;
    default: break;
  }
  throw ShapeError("cublas: products are f32 or bf16, got {}; run with --device cpu", name_of(dtype));
}

int count(int64_t value) {
  if (value > std::numeric_limits<int>::max()) {
    throw ShapeError("cublas: {} is more than it counts; take --conv-backend native", value);
  }
  return static_cast<int>(value);
}

cublasOperation_t operation(const ColumnMajor& m) { return m.transpose ? CUBLAS_OP_T : CUBLAS_OP_N; }

struct KeptSession {
  CublasSession session;
};

void multiply(Context& context, const PeerProduct& product) {
  context.state<KeptSession>().session.multiply(context, product);
}

const PeerImplementation here{matrix_product_peer, multiply};

}  // namespace

CublasSession::CublasSession(const CublasLibrary& library) : library_(library) {
  require_success(library_, library_.cublasCreate_v2(&handle_), "starting cuBLAS on this GPU");
}

CublasSession::~CublasSession() { library_.cublasDestroy_v2(handle_); }

void CublasSession::multiply(Context& context, const PeerProduct& p) {
  require_success(library_, library_.cublasSetStream_v2(handle_, static_cast<cudaStream_t>(context.stream)),
                  "choosing the stream");
  AlignedWorkspace memory(context, workspace_bytes);
  require_success(library_, library_.cublasSetWorkspace_v2(handle_, memory.data(), workspace_bytes),
                  "giving a workspace");
  require_success(
      library_,
      library_.cublasSetMathMode(
          handle_, static_cast<cublasMath_t>(CUBLAS_DEFAULT_MATH | CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION)),
      "setting the arithmetic");
  bool tf32 = context.allow_tf32 && p.a.dtype == DType::f32;
  ColumnMajor left = transposed_for_blas(p.b), right = transposed_for_blas(p.a);
  auto scale = static_cast<float>(p.scale), zero = 0.0f;
  cublasStatus_t status = library_.cublasGemmStridedBatchedEx(
      handle_, operation(left), operation(right), count(p.y.columns), count(p.y.rows), count(p.a.columns), &scale,
      p.b.data, data_type(p.b.dtype), count(left.leading), p.b.batch_stride, p.a.data, data_type(p.a.dtype),
      count(right.leading), p.a.batch_stride, &zero, p.y.data, data_type(p.y.dtype), count(p.y.row_stride),
      p.y.batch_stride, count(p.batches), tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F,
      CUBLAS_GEMM_DEFAULT);
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw Error("cublas: {}: {}; take --conv-backend native", matrix_product_key("product", context, p),
              library_.cublasGetStatusString(status));
}

}  // namespace cuunet
