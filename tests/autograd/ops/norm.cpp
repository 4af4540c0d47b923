#include "autograd/ops/norm.h"

#include "kernels/device/error.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

using namespace cuunet;

namespace {

using Norm = Var (*)(const Var&, const Var&, const Var&, Tensor, Tensor, const BatchNormParams&);

// With fresh running statistics, so that every call computes the same.
auto norm_of(BatchNormParams params, Norm norm = batch_norm) {
  return [=](const Vars& in) {
    Context& context = in[0].context();
    int64_t channels = in[1].value().elements();
    std::vector<double> mean(static_cast<size_t>(channels), 0.25), var(static_cast<size_t>(channels), 1.5);
    return norm(in[0], in[1], in[2], Tensor::from_host(context, {channels}, in[1].dtype(), mean),
                Tensor::from_host(context, {channels}, in[1].dtype(), var), params);
  };
}

std::vector<OperatorInput> inputs(Shape x, double offset = 0, double scale = 1) {
  int64_t channels = x[1];
  return {{x, offset, scale}, {{channels}, 1, 0.25, true}, {{channels}, 0, 0.1, true}};
}

constexpr BatchNormParams training{.training = true}, eval{.training = false};
// The gradient is a difference of three terms of the upstream's size: some more roundings than one.
constexpr OperatorTolerance usual{.f32 = 3e-6, .bf16 = 4.0 / 256};
// Values around 8 with a spread of 1/8 lose 6 bits in x - mean.
constexpr OperatorTolerance far_from_zero{.f32 = 3e-5, .bf16 = 4.0 / 256, .difference = 1e-5};

// Of two values only eps/v of the gradient is left over after the terms cancel: four digits less.
constexpr OperatorTolerance two_values{.f32 = 1e-3, .bf16 = 8.0 / 256};

}  // namespace

TEST_CASE("batch_norm") {
  for (const OperatorCase& row : {
           OperatorCase{"batch_norm/small", inputs({2, 3, 4, 5}), norm_of(training), usual},
           OperatorCase{"batch_norm/two_values", inputs({1, 1, 1, 2}), norm_of(training), two_values},
           OperatorCase{"batch_norm/padded_tail", inputs({2, 99, 3, 3}), norm_of(training), usual},
           OperatorCase{"batch_norm/many_blocks", inputs({2, 3, 151, 89}), norm_of(training), usual},
           OperatorCase{"batch_norm/wide", inputs({2, 512, 9, 8}), norm_of(training), usual},
           OperatorCase{"batch_norm/far_from_zero", inputs({3, 5, 7, 11}, 8, 0.125), norm_of(training), far_from_zero},
           OperatorCase{"batch_norm/matrix", inputs({5, 6}), norm_of(training), usual},
           OperatorCase{"batch_norm/eval", inputs({2, 3, 4, 5}), norm_of(eval), usual},
           OperatorCase{"batch_norm/eval_one_value", inputs({1, 3, 1, 1}), norm_of(eval), usual},
           OperatorCase{"batch_norm/eval_padded_tail", inputs({2, 99, 3, 3}), norm_of(eval), usual},
       }) {
    check_operator(row);
  }
}

TEST_CASE("batch_norm_relu") {
  for (const OperatorCase& row : {
           OperatorCase{"batch_norm_relu/small", inputs({2, 3, 4, 5}), norm_of(training, batch_norm_relu), usual},
           OperatorCase{"batch_norm_relu/padded_tail", inputs({2, 99, 3, 3}), norm_of(training, batch_norm_relu),
                        usual},
           OperatorCase{"batch_norm_relu/two_blocks", inputs({2, 3, 75, 75}), norm_of(training, batch_norm_relu),
                        usual},
           OperatorCase{"batch_norm_relu/eval", inputs({2, 70, 4, 5}), norm_of(eval, batch_norm_relu), usual},
       }) {
    check_operator(row);
  }
}

TEST_CASE("batch_norm without parameters and running statistics") {
  check_operator({"batch_norm/plain",
                  {{{2, 3, 4, 5}}},
                  [](const Vars& in) { return batch_norm(in[0], {}, {}, {}, {}, training); },
                  usual});
}

TEST_CASE("batch_norm updates the running statistics in training only, the variance unbiased") {
  HostContext context;
  Tensor mean = Tensor::from_host(context, {1}, DType::f32, std::vector<double>{1.0});
  Tensor var = Tensor::from_host(context, {1}, DType::f32, std::vector<double>{2.0});
  Var x(Tensor::from_host(context, {1, 1, 1, 4}, DType::f32, std::vector<double>{0, 2, 4, 6}));
  Var one(Tensor::from_host(context, {1}, DType::f32, std::vector<double>{1.0}));
  batch_norm(x, one, one, mean, var, eval);
  CHECK(mean.item() == 1.0);
  CHECK(var.item() == 2.0);
  batch_norm(x, one, one, mean, var, training);
  CHECK(mean.item() == doctest::Approx(0.9 * 1 + 0.1 * 3).epsilon(1e-7));
  CHECK(var.item() == doctest::Approx(0.9 * 2 + 0.1 * 20.0 / 3).epsilon(1e-7));
}

TEST_CASE("batch_norm refuses what has no variance or another channel count") {
  HostContext context;
  auto norm = [&](Shape shape, int64_t channels, BatchNormParams params) {
    Var x(Tensor::zeros(context, shape, DType::f32)), w(Tensor::zeros(context, {channels}, DType::f32));
    return batch_norm(x, w, w, Tensor::zeros(context, {channels}, DType::f32),
                      Tensor::zeros(context, {channels}, DType::f32), params);
  };
  CHECK_THROWS_WITH_AS(norm({1, 3, 1, 1}, 3, training),
                       "batch_norm expects more than one value per channel in training, got [1, 3, 1, 1]; take a "
                       "larger batch or size",
                       ShapeError);
  CHECK_THROWS_AS(norm({1, 3}, 3, training), ShapeError);
  CHECK_NOTHROW(norm({1, 3, 1, 1}, 3, eval));
  CHECK_THROWS_WITH_AS(norm({2, 4, 2, 2}, 3, training), "batch_norm expects [N, 3, H, W] or [N, 3], got [2, 4, 2, 2]",
                       ShapeError);
  CHECK_THROWS_AS(norm({2, 3, 2}, 3, training), ShapeError);
}

TEST_CASE("instance_norm") {
  auto norm = [](const Vars& in) { return instance_norm(in[0]); };
  for (const OperatorCase& row : {
           OperatorCase{"instance_norm/small", {{{2, 3, 4, 5}}}, norm, usual},
           OperatorCase{"instance_norm/padded_tail", {{{2, 99, 3, 3}}}, norm, usual},
           OperatorCase{"instance_norm/many_blocks", {{{2, 5, 131, 83}}}, norm, usual},
           OperatorCase{"instance_norm/far_from_zero", {{{2, 3, 5, 7}, 8, 0.125}}, norm, far_from_zero},
       }) {
    check_operator(row);
  }
}

TEST_CASE("instance_norm refuses one pixel") {
  HostContext context;
  CHECK_THROWS_WITH_AS(instance_norm(Var(Tensor::zeros(context, {2, 3, 1, 1}, DType::f32))),
                       "instance_norm expects more than one pixel per channel, got [2, 3, 1, 1]", ShapeError);
}
