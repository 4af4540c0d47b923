// cuDNN's side of a convolution: a handle bound to a Context's stream and, per problem, descriptors and the algorithms
// that may run it. Nothing of ours is here but the layout (kernels/conv/dense_problem.h).
//
// Only algorithms that cuDNN marks deterministic; among them the order is that of its heuristics, which do not time, so
// the choice is the same in every run of one version on one kind of device. An algorithm that refuses the shape when it
// is run gives way to the next.
// f32 is CUDNN_FMA_MATH: no operand is rounded. tf32 and bf16 may use the tensor cores, sums are f32.
// Bias and ReLU go along with the forward pass where cuDNN has that for the shape: an algorithm that is asked to do so
// and refuses is asked no more.
// These calls are deprecated in cuDNN 9 in favour of its graphs, and still there.
#pragma once

#include "kernels/conv/dense_problem.h"
#include "kernels/device/nvidia/cudnn_library.h"

#include <map>
#include <memory>
#include <vector>

namespace cuunet {

// A descriptor of the library, made and destroyed by these of its functions.
template <class Handle, auto create, auto destroy>
class CudnnDescriptor {
 public:
  explicit CudnnDescriptor(const CudnnLibrary& library) : library_(library) {
    require_success(library, (library.*create)(&handle_), "making a descriptor");
  }
  ~CudnnDescriptor() { (library_.*destroy)(handle_); }
  CudnnDescriptor(const CudnnDescriptor&) = delete;
  CudnnDescriptor& operator=(const CudnnDescriptor&) = delete;
  operator Handle() const { return handle_; }

 private:
  const CudnnLibrary& library_;
  Handle handle_ = nullptr;
};

struct CudnnDescriptors {
  CudnnDescriptors(const CudnnLibrary&, const DenseProblem&);

  CudnnDescriptor<cudnnTensorDescriptor_t, &CudnnLibrary::cudnnCreateTensorDescriptor,
                  &CudnnLibrary::cudnnDestroyTensorDescriptor>
      x, y;
  CudnnDescriptor<cudnnFilterDescriptor_t, &CudnnLibrary::cudnnCreateFilterDescriptor,
                  &CudnnLibrary::cudnnDestroyFilterDescriptor>
      w;
  CudnnDescriptor<cudnnConvolutionDescriptor_t, &CudnnLibrary::cudnnCreateConvolutionDescriptor,
                  &CudnnLibrary::cudnnDestroyConvolutionDescriptor>
      convolution;
};

// What may follow the forward pass at once: y = max(y + bias, 0).
struct CudnnEpilogue {
  const void* bias;  // one value per output, those that were added to round up too; of the problem's type
  bool relu;
};

// One pass of one problem.
template <class Algorithm>
struct CudnnPlan {
  struct Candidate {
    Algorithm algorithm;
    cudnnMathType_t math;
    size_t workspace;  // bytes
  };
  CudnnPlan(const CudnnLibrary& library, const DenseProblem& problem) : descriptors(library, problem) {}

  CudnnDescriptors descriptors;
  std::vector<Candidate> candidates;  // those before `next` have refused
  size_t next = 0;
  bool fuses = true;  // until it has refused; forward only
};

class CudnnSession {
 public:
  explicit CudnnSession(const CudnnLibrary& = cudnn_library());
  ~CudnnSession();
  CudnnSession(const CudnnSession&) = delete;
  CudnnSession& operator=(const CudnnSession&) = delete;

  // y = x * w, grad_x = grad_y * w transposed, grad_w = x * grad_y, all dense and of the problem's type. An Error that
  // names the problem where no algorithm takes it.
  void forward(Context&, const DenseProblem&, const void* x, const void* w, void* y);
  // The forward pass with its epilogue; false, with nothing done, where cuDNN does not have both in one.
  bool forward(Context&, const DenseProblem&, const void* x, const void* w, void* y, const CudnnEpilogue&);
  void backward_input(Context&, const DenseProblem&, const void* grad_y, const void* w, void* grad_x);
  void backward_weight(Context&, const DenseProblem&, const void* x, const void* grad_y, void* grad_w);

 private:
  template <class Pass>
  void run(Context&, const DenseProblem&, const char* pass, const void* a, const void* b, void* result);
  template <class Pass>
  CudnnPlan<typename Pass::Algorithm>& plan_of(const DenseProblem&);
  void use_stream_of(const Context&);

  const CudnnLibrary& library_;
  cudnnHandle_t handle_ = nullptr;
  template <class Algorithm>
  using Plans = std::map<DenseProblem, std::unique_ptr<CudnnPlan<Algorithm>>>;
  Plans<cudnnConvolutionFwdAlgo_t> forward_;
  Plans<cudnnConvolutionBwdDataAlgo_t> backward_input_;
  Plans<cudnnConvolutionBwdFilterAlgo_t> backward_weight_;
};

}  // namespace cuunet
