#include "kernels/conv/conv2d_cudnn.h"

#include "engine/device/host_context.h"
#include "engine/tensor/tensor.h"
#include "tests/checks/difference.h"
#include "tests/checks/operator_check.h"
#include "tests/kernels/conv/fake_cudnn.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

struct Row {
  const char* name;
  Shape x, w;
  Conv2dParams params;
};

const Row rows[] = {
    {"as it lies", {2, 16, 5, 7}, {8, 16, 3, 3}, {.padding = 1}},
    {"channels off the grid of 8, stride 2", {1, 3, 12, 9}, {13, 3, 7, 7}, {.stride = 2, .padding = 3}},
    {"1 x 1", {2, 11, 4, 4}, {6, 11, 1, 1}, {}},
    {"mirrored border, stride 2", {1, 5, 8, 7}, {4, 5, 3, 3}, {2, 1, PaddingMode::reflect}},
    {"repeated border, ReLU", {2, 9, 6, 5}, {8, 9, 5, 5}, {1, 2, PaddingMode::replicate, true}},
    {"ReLU", {1, 8, 6, 6}, {10, 8, 3, 3}, {.padding = 1, .relu = true}},
};

struct Passes {
  std::vector<double> y, grad_x, grad_w;
};

// A tensor of these values: an owner, or a slice that starts unaligned among guards.
struct Given {
  Given(Context& context, const Shape& shape, DType dtype, bool slice) {
    if (slice)
      guarded = std::make_unique<GuardedSlice>(context, shape, dtype), tensor = guarded->slice();
    else
      tensor = Tensor::zeros(context, shape, dtype);
  }
  std::unique_ptr<GuardedSlice> guarded;
  Tensor tensor;
  bool sound() const { return guarded ? guarded->intact() : pad_lanes_are_zero(tensor.view()); }
};

// By the fake cuDNN in f32 and bf16, by conv2d.h's operators in f64.
Passes convolved(const Row& row, DType dtype, bool slices) {
  HostContext context({.threads = 2});
  bool exact = dtype == DType::f64;
  DType parameters = exact ? DType::f64 : DType::f32;
  Shape y_shape = conv2d_output_shape(row.x, row.w, row.params);
  Given x(context, row.x, dtype, slices), g(context, y_shape, dtype, slices), y(context, y_shape, dtype, slices),
      grad_x(context, row.x, dtype, slices);
  Tensor w = Tensor::from_host(context, row.w, parameters, std::span<const double>(named_inputs("w", row.w)));
  Tensor b = Tensor::from_host(context, {row.w[0]}, parameters, std::span<const double>(named_inputs("b", {row.w[0]})));
  Tensor grad_w = Tensor::zeros(context, row.w, parameters);
  x.tensor.assign(named_inputs("x", row.x));
  g.tensor.assign(named_inputs("g", y_shape));
  View xv = x.tensor.view(), gv = g.tensor.view(), yv = y.tensor.view(), dx = grad_x.tensor.view();
  if (exact) {
    conv2d_forward(context, xv, w.view(), b.view(), yv, row.params);
    conv2d_backward_input(context, gv, w.view(), dx, row.params);
    conv2d_backward_weight(context, xv, gv, grad_w.view(), {}, row.params);
  } else {
    CudnnLibrary library = FakeCudnn::library();
    CudnnSession session(library);
    cudnn_conv2d_forward(session, context, xv, w.view(), b.view(), yv, row.params);
    cudnn_conv2d_backward_input(session, context, gv, w.view(), {}, dx, row.params);
    cudnn_conv2d_backward_weight(session, context, xv, gv, grad_w.view(), row.params);
    CHECK(y.sound());
    CHECK(grad_x.sound());
    CHECK(pad_lanes_are_zero(grad_w.view()));
  }
  return {y.tensor.to_host(), grad_x.tensor.to_host(), grad_w.to_host()};
}

// The fake sums in double: f32 rounds the result, folds a border or adds a bias. bf16 rounds the weights, the result
// and once more what is added to it or folded: three times 2^-9 and the weights' part of a sum.
TEST_CASE("conv2d_cudnn: layouts, borders, slices and bias as in double, through a library on the CPU") {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    FakeCudnn::clear();
    Passes exact = convolved(row, DType::f64, false);
    for (DType dtype : {DType::f32, DType::bf16}) {
      for (int i = 0; i < 4; ++i) {
        bool slices = i % 2 != 0;
        FakeCudnn::fuses = i / 2 != 0;
        CAPTURE(name_of(dtype));
        CAPTURE(slices);
        CAPTURE(FakeCudnn::fuses);
        Passes found = convolved(row, dtype, slices);
        double tolerance = dtype == DType::f32 ? 1e-6 : 1.0 / 128;
        CHECK(difference(found.y, exact.y) <= tolerance);
        CHECK(difference(found.grad_x, exact.grad_x) <= tolerance);
        CHECK(difference(found.grad_w, exact.grad_w) <= tolerance);
      }
    }
    CHECK(FakeCudnn::live_descriptors == 0);
  }
}

// One forward convolution of f32; the algorithms that were asked, in order.
std::vector<FakeCudnn::Call> calls_of(CudnnSession& session, DType dtype, bool tf32) {
  HostContext context({.threads = 1});
  context.allow_tf32 = tf32;
  Tensor x = Tensor::zeros(context, {1, 8, 4, 4}, dtype), y = x.clone(),
         w = Tensor::zeros(context, {8, 8, 1, 1}, DType::f32);
  FakeCudnn::calls.clear();
  cudnn_conv2d_forward(session, context, x.view(), w.view(), {}, y.view(), {});
  return FakeCudnn::calls;
}

TEST_CASE("conv2d_cudnn: deterministic algorithms only, in the order of the heuristics, the refused ones once") {
  FakeCudnn::clear();
  FakeCudnn::proposals = {{3, false}, {5, true, false}, {2}, {1}};
  CudnnLibrary library = FakeCudnn::library();
  CudnnSession session(library);
  auto first = calls_of(session, DType::f32, false);
  REQUIRE(first.size() == 2);
  CHECK(first[0].algorithm == 5);
  CHECK(first[1].algorithm == 2);
  auto second = calls_of(session, DType::f32, false);
  REQUIRE(second.size() == 1);
  CHECK(second[0].algorithm == 2);
}

TEST_CASE(
    "conv2d_cudnn: without a proposal the safe algorithm, and an error that says what was asked when all refuse") {
  FakeCudnn::clear();
  FakeCudnn::proposals = {};
  CudnnLibrary library = FakeCudnn::library();
  {
    CudnnSession session(library);
    auto calls = calls_of(session, DType::bf16, false);
    REQUIRE(calls.size() == 1);
    CHECK(calls[0].algorithm == 1);
  }
  FakeCudnn::proposals = {{1, true, false}};
  CudnnSession session(library);
  CHECK_THROWS_WITH_AS(calls_of(session, DType::f32, false),
                       "cudnn: conv2d_forward of f32 [1, 8, 4, 4] by [8, 8, 1, 1] stride 1 padding 0: layout not "
                       "supported; take --conv-backend native",
                       Error);
}

TEST_CASE("conv2d_cudnn: a bias goes along where the library has that, without ReLU by one algorithm only") {
  FakeCudnn::clear();
  FakeCudnn::fuses = true;
  FakeCudnn::proposals = {{2}, {1}};
  CudnnLibrary library = FakeCudnn::library();
  CudnnSession session(library);
  HostContext context({.threads = 1});
  Tensor x = Tensor::zeros(context, {1, 8, 2, 2}, DType::f32), y = x.clone(),
         w = Tensor::zeros(context, {8, 8, 1, 1}, DType::f32), b = Tensor::zeros(context, {8}, DType::f32);
  auto algorithm_of = [&](bool relu) {
    FakeCudnn::calls.clear();
    cudnn_conv2d_forward(session, context, x.view(), w.view(), b.view(), y.view(), {.relu = relu});
    REQUIRE(FakeCudnn::calls.size() == 1);
    return FakeCudnn::calls[0].algorithm;
  };
  CHECK(algorithm_of(false) == 1);
  CHECK(algorithm_of(true) == 2);
  FakeCudnn::fuses = false;
  CHECK(algorithm_of(false) == 2);  // refused: the convolution alone, then ours
}

TEST_CASE("conv2d_cudnn: f32 never rounds operands, tf32 and bf16 may use tensor cores") {
  FakeCudnn::clear();
  CudnnLibrary library = FakeCudnn::library();
  CudnnSession session(library);
  CHECK(calls_of(session, DType::f32, false).at(0).math == CUDNN_FMA_MATH);
  CHECK(calls_of(session, DType::f32, true).at(0).math == CUDNN_TENSOR_OP_MATH);
  CHECK(calls_of(session, DType::bf16, false).at(0).math == CUDNN_TENSOR_OP_MATH);
}

}  // namespace
}  // namespace cuunet
