#include "kernels/conv/cudnn_session.h"

#include "kernels/device/error.h"
#include "kernels/device/nvidia/aligned_workspace.h"

#include <array>
#include <span>

namespace cuunet {
namespace {

constexpr size_t most_workspace = size_t{1} << 30;  // bytes; what needs more is passed over

cudnnDataType_t data_type(DType dtype) {
  switch (dtype) {
    case DType::f32: return CUDNN_DATA_FLOAT;
    case DType::bf16: return CUDNN_DATA_BFLOAT16;
    default: break;
  }
  throw ShapeError("cudnn: convolutions are f32 or bf16, got {}; run with --device cpu", name_of(dtype));
}

cudnnMathType_t widest_math(const DenseProblem& problem) {
  if (problem.dtype != DType::f32) return CUDNN_TENSOR_OP_MATH;
  return problem.tf32 ? CUDNN_DEFAULT_MATH : CUDNN_FMA_MATH;
}

// Whether to go on to the next algorithm: the 3000s say that this one does not support what it is asked.
bool refuses(cudnnStatus_t status) { return status / 1000 == 3; }

// What the three passes call. a, b: the inputs in the order of the session's functions.
struct Forward {
  using Algorithm = cudnnConvolutionFwdAlgo_t;
  using Performance = cudnnConvolutionFwdAlgoPerf_t;
  static constexpr int algorithms = CUDNN_CONVOLUTION_FWD_ALGO_COUNT;
  static constexpr Algorithm safe = CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;

  static auto heuristics(const CudnnLibrary& l, cudnnHandle_t handle, const CudnnDescriptors& d, int* count,
                         Performance* found) {
    return l.cudnnGetConvolutionForwardAlgorithm_v7(handle, d.x, d.w, d.convolution, d.y, algorithms, count, found);
  }
  static auto workspace(const CudnnLibrary& l, cudnnHandle_t handle, const CudnnDescriptors& d, Algorithm algorithm,
                        size_t* bytes) {
    return l.cudnnGetConvolutionForwardWorkspaceSize(handle, d.x, d.w, d.convolution, d.y, algorithm, bytes);
  }
  static auto run(const CudnnLibrary& l, cudnnHandle_t handle, const CudnnDescriptors& d, Algorithm algorithm,
                  void* memory, size_t bytes, const void* x, const void* w, void* y) {
    const float one = 1, zero = 0;
    return l.cudnnConvolutionForward(handle, &one, d.x, x, d.w, w, d.convolution, algorithm, memory, bytes, &zero, d.y,
                                     y);
  }
};

struct BackwardInput {
  using Algorithm = cudnnConvolutionBwdDataAlgo_t;
  using Performance = cudnnConvolutionBwdDataAlgoPerf_t;
  static constexpr int algorithms = CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT;
  static constexpr Algorithm safe = CUDNN_CONVOLUTION_BWD_DATA_ALGO_1;

  static auto heuristics(const CudnnLibrary& l, cudnnHandle_t handle, const CudnnDescriptors& d, int* count,
                         Performance* found) {
    return l.cudnnGetConvolutionBackwardDataAlgorithm_v7(handle, d.w, d.y, d.convolution, d.x, algorithms, count,
                                                         found);
  }
  static auto workspace(const CudnnLibrary& l, cudnnHandle_t handle, const CudnnDescriptors& d, Algorithm algorithm,
                        size_t* bytes) {
    return l.cudnnGetConvolutionBackwardDataWorkspaceSize(handle, d.w, d.y, d.convolution, d.x, algorithm, bytes);
  }
  static auto run(const CudnnLibrary& l, cudnnHandle_t handle, const CudnnDescriptors& d, Algorithm algorithm,
                  void* memory, size_t bytes, const void* grad_y, const void* w, void* grad_x) {
    const float one = 1, zero = 0;
    return l.cudnnConvolutionBackwardData(handle, &one, d.w, w, d.y, grad_y, d.convolution, algorithm, memory, bytes,
                                          &zero, d.x, grad_x);
  }
};

struct BackwardWeight {
  using Algorithm = cudnnConvolutionBwdFilterAlgo_t;
  using Performance = cudnnConvolutionBwdFilterAlgoPerf_t;
  static constexpr int algorithms = CUDNN_CONVOLUTION_BWD_FILTER_ALGO_COUNT;
  static constexpr Algorithm safe = CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1;

  static auto heuristics(const CudnnLibrary& l, cudnnHandle_t handle, const CudnnDescriptors& d, int* count,
                         Performance* found) {
    return l.cudnnGetConvolutionBackwardFilterAlgorithm_v7(handle, d.x, d.y, d.convolution, d.w, algorithms, count,
                                                           found);
  }
  static auto workspace(const CudnnLibrary& l, cudnnHandle_t handle, const CudnnDescriptors& d, Algorithm algorithm,
                        size_t* bytes) {
    return l.cudnnGetConvolutionBackwardFilterWorkspaceSize(handle, d.x, d.y, d.convolution, d.w, algorithm, bytes);
  }
  static auto run(const CudnnLibrary& l, cudnnHandle_t handle, const CudnnDescriptors& d, Algorithm algorithm,
                  void* memory, size_t bytes, const void* x, const void* grad_y, void* grad_w) {
    const float one = 1, zero = 0;
    return l.cudnnConvolutionBackwardFilter(handle, &one, d.x, x, d.y, grad_y, d.convolution, algorithm, memory, bytes,
                                            &zero, d.w, grad_w);
  }
};

// Descriptors of y = act(y + bias).
struct Epilogue {
  Epilogue(const CudnnLibrary& library, const DenseProblem& p, bool relu) : bias(library), activation(library) {
    require_success(library,
                    library.cudnnSetTensor4dDescriptorEx(bias, data_type(p.dtype), 1, p.k, 1, 1, p.k, 1, p.k, p.k),
                    "describing a bias");
    require_success(library,
                    library.cudnnSetActivationDescriptor(
                        activation, relu ? CUDNN_ACTIVATION_RELU : CUDNN_ACTIVATION_IDENTITY, CUDNN_PROPAGATE_NAN, 0),
                    "describing the ReLU");
  }
  CudnnDescriptor<cudnnTensorDescriptor_t, &CudnnLibrary::cudnnCreateTensorDescriptor,
                  &CudnnLibrary::cudnnDestroyTensorDescriptor>
      bias;
  CudnnDescriptor<cudnnActivationDescriptor_t, &CudnnLibrary::cudnnCreateActivationDescriptor,
                  &CudnnLibrary::cudnnDestroyActivationDescriptor>
      activation;
};

// The deterministic algorithms in the order of the heuristics, then the one that takes every shape.
template <class Pass>
auto candidates_of(const CudnnLibrary& library, cudnnHandle_t handle, const CudnnDescriptors& descriptors,
                   const DenseProblem& problem) {
  std::array<typename Pass::Performance, Pass::algorithms> found{};
  int count = 0;
  if (Pass::heuristics(library, handle, descriptors, &count, found.data()) != CUDNN_STATUS_SUCCESS) count = 0;
  std::vector<typename CudnnPlan<typename Pass::Algorithm>::Candidate> candidates;
  cudnnMathType_t widest = widest_math(problem);
  auto enter = [&](typename Pass::Algorithm algorithm, cudnnMathType_t math) {
    if (widest == CUDNN_FMA_MATH) math = CUDNN_FMA_MATH;
    for (const auto& known : candidates) {
      if (known.algorithm == algorithm && known.math == math) return;
    }
    size_t bytes = 0;
    library.cudnnSetConvolutionMathType(descriptors.convolution, math);
    if (Pass::workspace(library, handle, descriptors, algorithm, &bytes) != CUDNN_STATUS_SUCCESS) return;
    if (bytes <= most_workspace) candidates.push_back({algorithm, math, bytes});
  };
  for (const auto& performance : std::span(found).first(static_cast<size_t>(count))) {
    if (performance.status == CUDNN_STATUS_SUCCESS && performance.determinism == CUDNN_DETERMINISTIC) {
      enter(performance.algo, performance.mathType);
    }
  }
  enter(Pass::safe, widest);
  return candidates;
}

}  // namespace

CudnnDescriptors::CudnnDescriptors(const CudnnLibrary& library, const DenseProblem& p)
    : x(library), y(library), w(library), convolution(library) {
  cudnnDataType_t type = data_type(p.dtype);
  auto image = [&](cudnnTensorDescriptor_t descriptor, int channels, int height, int width) {
    std::array<int, 4> stride = nhwc_strides(channels, height, width);
    require_success(library,
                    library.cudnnSetTensor4dDescriptorEx(descriptor, type, p.n, channels, height, width, stride[0],
                                                         stride[1], stride[2], stride[3]),
                    "describing an image of " + p.text());
  };
  image(x, p.c, p.h, p.w);
  image(y, p.k, p.p, p.q);
  require_success(library, library.cudnnSetFilter4dDescriptor(w, type, CUDNN_TENSOR_NHWC, p.k, p.c, p.r, p.s),
                  "describing the weights of " + p.text());
  require_success(library,
                  library.cudnnSetConvolution2dDescriptor(convolution, p.padding, p.padding, p.stride, p.stride, 1, 1,
                                                          CUDNN_CROSS_CORRELATION, CUDNN_DATA_FLOAT),
                  "describing the convolution of " + p.text());
  require_success(library, library.cudnnSetConvolutionMathType(convolution, widest_math(p)), "setting the arithmetic");
}

CudnnSession::CudnnSession(const CudnnLibrary& library) : library_(library) {
  require_success(library_, library_.cudnnCreate(&handle_), "starting cuDNN on this GPU");
}

CudnnSession::~CudnnSession() { library_.cudnnDestroy(handle_); }

template <class Pass>
CudnnPlan<typename Pass::Algorithm>& CudnnSession::plan_of(const DenseProblem& problem) {
  auto& plans = [this]() -> auto& {
    if constexpr (std::is_same_v<Pass, Forward>)
      return forward_;
    else if constexpr (std::is_same_v<Pass, BackwardInput>)
      return backward_input_;
    else
      return backward_weight_;
  }
  ();
  auto known = plans.find(problem);
  if (known != plans.end()) return *known->second;
  auto plan = std::make_unique<CudnnPlan<typename Pass::Algorithm>>(library_, problem);
  plan->candidates = candidates_of<Pass>(library_, handle_, plan->descriptors, problem);
  return *plans.emplace(problem, std::move(plan)).first->second;
}

void CudnnSession::use_stream_of(const Context& context) {
  require_success(library_, library_.cudnnSetStream(handle_, static_cast<cudaStream_t>(context.stream)),
                  "choosing the stream");
}

template <class Pass>
void CudnnSession::run(Context& context, const DenseProblem& problem, const char* pass, const void* a, const void* b,
                       void* result) {
  use_stream_of(context);
  auto& plan = plan_of<Pass>(problem);
  cudnnStatus_t status = CUDNN_STATUS_NOT_SUPPORTED;
  for (; plan.next < plan.candidates.size(); ++plan.next) {
    const auto& candidate = plan.candidates[plan.next];
    AlignedWorkspace memory(context, candidate.workspace);
    library_.cudnnSetConvolutionMathType(plan.descriptors.convolution, candidate.math);
    status = Pass::run(library_, handle_, plan.descriptors, candidate.algorithm, memory.data(), candidate.workspace, a,
                       b, result);
    if (!refuses(status)) break;
  }
  if (status == CUDNN_STATUS_SUCCESS) return;
  throw Error("cudnn: {} of {}: {}; take --conv-backend native", pass, problem.text(),
              library_.cudnnGetErrorString(status));
}

void CudnnSession::forward(Context& context, const DenseProblem& problem, const void* x, const void* w, void* y) {
  run<Forward>(context, problem, "conv2d_forward", x, w, y);
}

// Without ReLU only one algorithm adds a bias: cuDNN's documentation of cudnnConvolutionBiasActivationForward.
bool CudnnSession::forward(Context& context, const DenseProblem& problem, const void* x, const void* w, void* y,
                           const CudnnEpilogue& epilogue) {
  use_stream_of(context);
  auto& plan = plan_of<Forward>(problem);
  auto candidate = plan.candidates.begin() + static_cast<std::ptrdiff_t>(plan.next);
  while (!epilogue.relu && candidate != plan.candidates.end() && candidate->algorithm != Forward::safe) ++candidate;
  if (!plan.fuses || candidate == plan.candidates.end()) return false;
  const CudnnDescriptors& d = plan.descriptors;
  Epilogue then(library_, problem, epilogue.relu);
  AlignedWorkspace memory(context, candidate->workspace);
  library_.cudnnSetConvolutionMathType(d.convolution, candidate->math);
  const float one = 1, zero = 0;
  cudnnStatus_t status = library_.cudnnConvolutionBiasActivationForward(
      handle_, &one, d.x, x, d.w, w, d.convolution, candidate->algorithm, memory.data(), candidate->workspace, &zero,
      d.y, y, then.bias, epilogue.bias, then.activation, d.y, y);
  plan.fuses = !refuses(status);
  if (plan.fuses) require_success(library_, status, "conv2d_forward with bias of " + problem.text());
  return plan.fuses;
}

void CudnnSession::backward_input(Context& context, const DenseProblem& problem, const void* grad_y, const void* w,
                                  void* grad_x) {
  run<BackwardInput>(context, problem, "conv2d_backward_input", grad_y, w, grad_x);
}

void CudnnSession::backward_weight(Context& context, const DenseProblem& problem, const void* x, const void* grad_y,
                                   void* grad_w) {
  run<BackwardWeight>(context, problem, "conv2d_backward_weight", x, grad_y, grad_w);
}

}  // namespace cuunet
