#include "tests/kernels/conv/fake_cudnn.h"

#include "kernels/device/dtype.h"

#include <cstdint>

namespace cuunet {
namespace {

struct Image {
  cudnnDataType_t type;
  int n, c, h, w, n_stride, c_stride, h_stride, w_stride;
  int64_t at(int i, int channel, int row, int column) const {
    return int64_t{i} * n_stride + channel * c_stride + row * h_stride + column * w_stride;
  }
};
struct Filter {
  cudnnDataType_t type;
  cudnnTensorFormat_t format;
  int k, c, r, s;
  int64_t at(int output, int channel, int row, int column) const {
    return ((int64_t{output} * r + row) * s + column) * c + channel;  // NHWC
  }
};
struct Activation {
  cudnnActivationMode_t mode;
};
struct Convolution {
  int padding, stride;
  cudnnMathType_t math;
};

Image& of(cudnnTensorDescriptor_t d) { return *reinterpret_cast<Image*>(d); }
Filter& of(cudnnFilterDescriptor_t d) { return *reinterpret_cast<Filter*>(d); }
Activation& of(cudnnActivationDescriptor_t d) { return *reinterpret_cast<Activation*>(d); }
Convolution& of(cudnnConvolutionDescriptor_t d) { return *reinterpret_cast<Convolution*>(d); }

template <class Object, class Handle>
cudnnStatus_t create(Handle* handle) {
  *handle = reinterpret_cast<Handle>(new Object{});
  ++FakeCudnn::live_descriptors;
  return CUDNN_STATUS_SUCCESS;
}
template <class Object, class Handle>
cudnnStatus_t destroy(Handle handle) {
  delete reinterpret_cast<Object*>(handle);
  --FakeCudnn::live_descriptors;
  return CUDNN_STATUS_SUCCESS;
}

double load(const void* data, cudnnDataType_t type, int64_t i) {
  if (type == CUDNN_DATA_FLOAT) return static_cast<double>(static_cast<const float*>(data)[i]);
  return static_cast<double>(static_cast<float>(static_cast<const bfloat16*>(data)[i]));
}
void store(void* data, cudnnDataType_t type, int64_t i, double value) {
  if (type == CUDNN_DATA_FLOAT)
    static_cast<float*>(data)[i] = static_cast<float>(value);
  else
    static_cast<bfloat16*>(data)[i] = bfloat16(static_cast<float>(value));
}

// visit(x index, w index, y index) for every product.
template <class Visit>
void each_product(const Image& x, const Filter& w, const Image& y, const Convolution& conv, const Visit& visit) {
  for (int n = 0; n < y.n; ++n)
    for (int k = 0; k < y.c; ++k)
      for (int p = 0; p < y.h; ++p)
        for (int q = 0; q < y.w; ++q)
          for (int r = 0; r < w.r; ++r)
            for (int s = 0; s < w.s; ++s) {
              int i = p * conv.stride + r - conv.padding, j = q * conv.stride + s - conv.padding;
              if (i < 0 || i >= x.h || j < 0 || j >= x.w) continue;
              for (int c = 0; c < w.c; ++c) visit(x.at(n, c, i, j), w.at(k, c, r, s), y.at(n, k, p, q));
            }
}

bool fit(const Image& x, const Filter& w, const Image& y, const Convolution& conv) {
  auto result = [&](int size, int taps) { return (size + 2 * conv.padding - taps) / conv.stride + 1; };
  return w.format == CUDNN_TENSOR_NHWC && x.type == w.type && y.type == w.type && x.n == y.n && x.c == w.c &&
         y.c == w.k && y.h == result(x.h, w.r) && y.w == result(x.w, w.s);
}

// Notes the call; whether the algorithm runs, with the workspace that it asked for.
cudnnStatus_t begin(int algorithm, const Image& x, const Filter& w, const Image& y, const Convolution& conv,
                    const void* workspace, size_t bytes) {
  FakeCudnn::calls.push_back({algorithm, conv.math});
  if (!fit(x, w, y, conv) || workspace == nullptr || reinterpret_cast<uintptr_t>(workspace) % 256 != 0 || bytes != 512)
    return CUDNN_STATUS_BAD_PARAM;
  for (const FakeAlgorithm& proposal : FakeCudnn::proposals) {
    if (proposal.number == algorithm && !proposal.runs) return CUDNN_STATUS_NOT_SUPPORTED_LAYOUT;
  }
  return CUDNN_STATUS_SUCCESS;
}

template <class Performance>
cudnnStatus_t propose(const int most, int* count, Performance* found) {
  *count = 0;
  for (const FakeAlgorithm& proposal : FakeCudnn::proposals) {
    if (*count == most) break;
    found[(*count)++] = {.algo = static_cast<decltype(found->algo)>(proposal.number),
                         .status = CUDNN_STATUS_SUCCESS,
                         .memory = 512,
                         .determinism = proposal.deterministic ? CUDNN_DETERMINISTIC : CUDNN_NON_DETERMINISTIC,
                         .mathType = CUDNN_TENSOR_OP_MATH};
  }
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t forward(cudnnHandle_t, const void*, cudnnTensorDescriptor_t xd, const void* x, cudnnFilterDescriptor_t wd,
                      const void* w, cudnnConvolutionDescriptor_t cd, cudnnConvolutionFwdAlgo_t algorithm,
                      void* workspace, size_t bytes, const void*, cudnnTensorDescriptor_t yd, void* y) {
  cudnnStatus_t status = begin(algorithm, of(xd), of(wd), of(yd), of(cd), workspace, bytes);
  if (status != CUDNN_STATUS_SUCCESS) return status;
  std::vector<double> sums(static_cast<size_t>(of(yd).n) * static_cast<size_t>(of(yd).n_stride));
  each_product(of(xd), of(wd), of(yd), of(cd), [&](int64_t xi, int64_t wi, int64_t yi) {
    sums[static_cast<size_t>(yi)] += load(x, of(xd).type, xi) * load(w, of(wd).type, wi);
  });
  for (size_t i = 0; i < sums.size(); ++i) store(y, of(yd).type, static_cast<int64_t>(i), sums[i]);
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t forward_with_bias(cudnnHandle_t handle, const void* alpha, cudnnTensorDescriptor_t xd, const void* x,
                                cudnnFilterDescriptor_t wd, const void* w, cudnnConvolutionDescriptor_t cd,
                                cudnnConvolutionFwdAlgo_t algorithm, void* workspace, size_t bytes, const void*,
                                cudnnTensorDescriptor_t, const void*, cudnnTensorDescriptor_t bd, const void* bias,
                                cudnnActivationDescriptor_t ad, cudnnTensorDescriptor_t yd, void* y) {
  bool relu = of(ad).mode == CUDNN_ACTIVATION_RELU;
  if (!FakeCudnn::fuses || (!relu && algorithm != CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM)) {
    return CUDNN_STATUS_NOT_SUPPORTED;
  }
  cudnnStatus_t status = forward(handle, alpha, xd, x, wd, w, cd, algorithm, workspace, bytes, alpha, yd, y);
  if (status != CUDNN_STATUS_SUCCESS || of(bd).c != of(yd).c) return status;
  for (int64_t i = 0; i < int64_t{of(yd).n} * of(yd).n_stride; ++i) {
    double value = load(y, of(yd).type, i) + load(bias, of(bd).type, i % of(yd).c);
    store(y, of(yd).type, i, relu && value < 0 ? 0 : value);
  }
  return status;
}

cudnnStatus_t backward_data(cudnnHandle_t, const void*, cudnnFilterDescriptor_t wd, const void* w,
                            cudnnTensorDescriptor_t yd, const void* grad_y, cudnnConvolutionDescriptor_t cd,
                            cudnnConvolutionBwdDataAlgo_t algorithm, void* workspace, size_t bytes, const void*,
                            cudnnTensorDescriptor_t xd, void* grad_x) {
  cudnnStatus_t status = begin(algorithm, of(xd), of(wd), of(yd), of(cd), workspace, bytes);
  if (status != CUDNN_STATUS_SUCCESS) return status;
  std::vector<double> sums(static_cast<size_t>(of(xd).n) * static_cast<size_t>(of(xd).n_stride));
  each_product(of(xd), of(wd), of(yd), of(cd), [&](int64_t xi, int64_t wi, int64_t yi) {
    sums[static_cast<size_t>(xi)] += load(grad_y, of(yd).type, yi) * load(w, of(wd).type, wi);
  });
  for (size_t i = 0; i < sums.size(); ++i) store(grad_x, of(xd).type, static_cast<int64_t>(i), sums[i]);
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t backward_filter(cudnnHandle_t, const void*, cudnnTensorDescriptor_t xd, const void* x,
                              cudnnTensorDescriptor_t yd, const void* grad_y, cudnnConvolutionDescriptor_t cd,
                              cudnnConvolutionBwdFilterAlgo_t algorithm, void* workspace, size_t bytes, const void*,
                              cudnnFilterDescriptor_t wd, void* grad_w) {
  cudnnStatus_t status = begin(algorithm, of(xd), of(wd), of(yd), of(cd), workspace, bytes);
  if (status != CUDNN_STATUS_SUCCESS) return status;
  const Filter& f = of(wd);
  std::vector<double> sums(static_cast<size_t>(f.k) * static_cast<size_t>(f.c * f.r * f.s));
  each_product(of(xd), f, of(yd), of(cd), [&](int64_t xi, int64_t wi, int64_t yi) {
    sums[static_cast<size_t>(wi)] += load(x, of(xd).type, xi) * load(grad_y, of(yd).type, yi);
  });
  for (size_t i = 0; i < sums.size(); ++i) store(grad_w, f.type, static_cast<int64_t>(i), sums[i]);
  return CUDNN_STATUS_SUCCESS;
}

}  // namespace

std::vector<FakeAlgorithm> FakeCudnn::proposals;
std::vector<FakeCudnn::Call> FakeCudnn::calls;
int FakeCudnn::live_descriptors = 0;
bool FakeCudnn::fuses = false;

void FakeCudnn::clear() {
  proposals = {{1}};
  calls.clear();
  fuses = false;
}

CudnnLibrary FakeCudnn::library() {
  CudnnLibrary l;
  l.cudnnGetErrorString = [](cudnnStatus_t status) -> const char* {
    return status == CUDNN_STATUS_NOT_SUPPORTED_LAYOUT ? "layout not supported" : "bad parameter";
  };
  l.cudnnCreate = [](cudnnHandle_t* handle) { return create<int>(handle); };
  l.cudnnDestroy = [](cudnnHandle_t handle) { return destroy<int>(handle); };
  l.cudnnSetStream = [](cudnnHandle_t, cudaStream_t) { return CUDNN_STATUS_SUCCESS; };
  l.cudnnCreateTensorDescriptor = create<Image, cudnnTensorDescriptor_t>;
  l.cudnnDestroyTensorDescriptor = destroy<Image, cudnnTensorDescriptor_t>;
  l.cudnnCreateFilterDescriptor = create<Filter, cudnnFilterDescriptor_t>;
  l.cudnnDestroyFilterDescriptor = destroy<Filter, cudnnFilterDescriptor_t>;
  l.cudnnCreateConvolutionDescriptor = create<Convolution, cudnnConvolutionDescriptor_t>;
  l.cudnnDestroyConvolutionDescriptor = destroy<Convolution, cudnnConvolutionDescriptor_t>;
  l.cudnnSetTensor4dDescriptorEx = [](cudnnTensorDescriptor_t d, cudnnDataType_t type, int n, int c, int h, int w,
                                      int n_stride, int c_stride, int h_stride, int w_stride) {
    of(d) = {type, n, c, h, w, n_stride, c_stride, h_stride, w_stride};
    return CUDNN_STATUS_SUCCESS;
  };
  l.cudnnSetFilter4dDescriptor = [](cudnnFilterDescriptor_t d, cudnnDataType_t type, cudnnTensorFormat_t format, int k,
                                    int c, int h, int w) {
    of(d) = {type, format, k, c, h, w};
    return CUDNN_STATUS_SUCCESS;
  };
  l.cudnnSetConvolution2dDescriptor = [](cudnnConvolutionDescriptor_t d, int padding, int, int stride, int, int, int,
                                         cudnnConvolutionMode_t, cudnnDataType_t) {
    of(d) = {padding, stride, CUDNN_DEFAULT_MATH};
    return CUDNN_STATUS_SUCCESS;
  };
  l.cudnnCreateActivationDescriptor = create<Activation, cudnnActivationDescriptor_t>;
  l.cudnnDestroyActivationDescriptor = destroy<Activation, cudnnActivationDescriptor_t>;
  l.cudnnSetActivationDescriptor = [](cudnnActivationDescriptor_t d, cudnnActivationMode_t mode, cudnnNanPropagation_t,
                                      double) {
    of(d) = {mode};
    return CUDNN_STATUS_SUCCESS;
  };
  l.cudnnConvolutionBiasActivationForward = forward_with_bias;
  l.cudnnSetConvolutionMathType = [](cudnnConvolutionDescriptor_t d, cudnnMathType_t math) {
    of(d).math = math;
    return CUDNN_STATUS_SUCCESS;
  };
  l.cudnnGetConvolutionForwardAlgorithm_v7 = [](cudnnHandle_t, auto, auto, auto, auto, int most, int* count,
                                                cudnnConvolutionFwdAlgoPerf_t* found) {
    return propose(most, count, found);
  };
  l.cudnnGetConvolutionBackwardDataAlgorithm_v7 = [](cudnnHandle_t, auto, auto, auto, auto, int most, int* count,
                                                     cudnnConvolutionBwdDataAlgoPerf_t* found) {
    return propose(most, count, found);
  };
  l.cudnnGetConvolutionBackwardFilterAlgorithm_v7 = [](cudnnHandle_t, auto, auto, auto, auto, int most, int* count,
                                                       cudnnConvolutionBwdFilterAlgoPerf_t* found) {
    return propose(most, count, found);
  };
  auto workspace = [](cudnnHandle_t, auto, auto, auto, auto, auto, size_t* bytes) {
    *bytes = 512;
    return CUDNN_STATUS_SUCCESS;
  };
  l.cudnnGetConvolutionForwardWorkspaceSize = workspace;
  l.cudnnGetConvolutionBackwardDataWorkspaceSize = workspace;
  l.cudnnGetConvolutionBackwardFilterWorkspaceSize = workspace;
  l.cudnnConvolutionForward = forward;
  l.cudnnConvolutionBackwardData = backward_data;
  l.cudnnConvolutionBackwardFilter = backward_filter;
  return l;
}

}  // namespace cuunet
