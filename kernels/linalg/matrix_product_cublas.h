// Products of matrices by cuBLAS: one strided-batched call. f32 is CUBLAS_COMPUTE_32F in the default math mode, which
// rounds no operand; tf32 is CUBLAS_COMPUTE_32F_FAST_TF32; bf16 sums in f32, split ones too. One stream and a workspace
// of our own: cuBLAS then gives the same bits in every run on one kind of device.
#pragma once

#include "kernels/device/nvidia/cublas_library.h"
#include "kernels/linalg/matrix_product_peer.h"

namespace cuunet {

class CublasSession {
 public:
  explicit CublasSession(const CublasLibrary& = cublas_library());
  ~CublasSession();
  CublasSession(const CublasSession&) = delete;
  CublasSession& operator=(const CublasSession&) = delete;

  void multiply(Context&, const PeerProduct&);

 private:
  const CublasLibrary& library_;
  cublasHandle_t handle_ = nullptr;
};

}  // namespace cuunet
