// The functions of cuDNN 9 that we call, as a table: libcudnn is loaded at first use, so that the program runs without.
// Tests fill a table of their own.
#pragma once

#include <cudnn.h>

#include <string>

// clang-format off
#define CUUNET_CUDNN_FUNCTIONS(entry)                   \
  entry(cudnnGetVersion)                                \
  entry(cudnnGetErrorString)                            \
  entry(cudnnCreate)                                    \
  entry(cudnnDestroy)                                   \
  entry(cudnnSetStream)                                 \
  entry(cudnnCreateTensorDescriptor)                    \
  entry(cudnnDestroyTensorDescriptor)                   \
  entry(cudnnSetTensor4dDescriptorEx)                   \
  entry(cudnnCreateFilterDescriptor)                    \
  entry(cudnnDestroyFilterDescriptor)                   \
  entry(cudnnSetFilter4dDescriptor)                     \
  entry(cudnnCreateConvolutionDescriptor)               \
  entry(cudnnDestroyConvolutionDescriptor)              \
  entry(cudnnSetConvolution2dDescriptor)                \
  entry(cudnnSetConvolutionMathType)                    \
  entry(cudnnCreateActivationDescriptor)                \
  entry(cudnnDestroyActivationDescriptor)               \
  entry(cudnnSetActivationDescriptor)                   \
  entry(cudnnGetConvolutionForwardAlgorithm_v7)         \
  entry(cudnnGetConvolutionForwardWorkspaceSize)        \
  entry(cudnnConvolutionForward)                        \
  entry(cudnnConvolutionBiasActivationForward)          \
  entry(cudnnGetConvolutionBackwardDataAlgorithm_v7)    \
  entry(cudnnGetConvolutionBackwardDataWorkspaceSize)   \
  entry(cudnnConvolutionBackwardData)                   \
  entry(cudnnGetConvolutionBackwardFilterAlgorithm_v7)  \
  entry(cudnnGetConvolutionBackwardFilterWorkspaceSize) \
  entry(cudnnConvolutionBackwardFilter)
// clang-format on

namespace cuunet {

struct CudnnLibrary {
#define CUUNET_ENTRY(name) decltype(&::name) name = nullptr;
  CUUNET_CUDNN_FUNCTIONS(CUUNET_ENTRY)
#undef CUUNET_ENTRY
};

// The installed one; an Error that names what is missing, at every call until it can be loaded.
const CudnnLibrary& cudnn_library();

// Throws an Error "cudnn: <what>: <reason>" unless the status is success.
void require_success(const CudnnLibrary&, cudnnStatus_t status, const std::string& what);

}  // namespace cuunet
