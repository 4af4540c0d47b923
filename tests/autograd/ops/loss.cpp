#include "autograd/ops/loss.h"

#include "kernels/device/error.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace cuunet;

namespace {

std::vector<OperatorInput> pair(Shape shape) { return {{shape}, {shape}}; }

// Rows of one loss: small, a padded tail, wider than one block of the sum, no feature map, both reductions.
template <class Loss>
void check_loss(const std::string& name, const Loss& loss) {
  auto mean = [=](const Vars& in) { return loss(in[0], in[1], Reduction::mean); };
  auto sum = [=](const Vars& in) { return loss(in[0], in[1], Reduction::sum); };
  for (const OperatorCase& row : {
           OperatorCase{name + "/small", pair({2, 3, 4, 5}), mean},
           OperatorCase{name + "/padded_tail", pair({2, 99, 3, 3}), sum},
           OperatorCase{name + "/many_blocks", pair({2, 3, 71, 89}), mean},
           OperatorCase{name + "/wide_blocks", pair({1, 512, 9, 8}), mean},
           OperatorCase{name + "/vector", pair({4099}), sum},
       }) {
    check_operator(row);
  }
}

Var from(Context& context, Shape shape, std::vector<double> values, DType dtype = DType::f32) {
  return Var::leaf(Tensor::from_host(context, shape, dtype, values));
}

}  // namespace

TEST_CASE("l1_loss") {
  check_loss("l1_loss", [](auto& x, auto& z, Reduction reduction) { return l1_loss(x, z, reduction); });
}

TEST_CASE("mse_loss") {
  check_loss("mse_loss", [](auto& x, auto& z, Reduction reduction) { return mse_loss(x, z, reduction); });
}

TEST_CASE("smooth_l1_loss") {
  check_loss("smooth_l1_loss", [](auto& x, auto& z, Reduction reduction) {
    return smooth_l1_loss(x, z, {.reduction = reduction, .beta = 0.5});
  });
}

TEST_CASE("bce_with_logits") {
  auto loss = [](const Vars& in) { return bce_with_logits(in[0], in[1]); };
  auto inputs = [](Shape shape) {
    return std::vector<OperatorInput>{{shape, 0, 4}, {.shape = shape, .offset = 0.5, .scale = 0.5, .grad = false}};
  };
  check_operator({"bce_with_logits/small", inputs({2, 3, 4, 5}), loss});
  check_operator({"bce_with_logits/padded_tail", inputs({2, 99, 3, 3}), loss});
  check_operator({"bce_with_logits/critic", inputs({3, 1}), loss});
}

TEST_CASE("total_variation") {
  auto mean = [](const Vars& in) { return total_variation(in[0]); };
  auto sum = [](const Vars& in) { return total_variation(in[0], Reduction::sum); };
  // Differences cancel: some more digits are lost where many rows are added.
  check_operator({"total_variation/small", {{{2, 3, 4, 5}}}, mean});
  check_operator({"total_variation/padded_tail", {{{2, 99, 3, 3}}}, sum});
  check_operator({"total_variation/one_row", {{{2, 3, 1, 5}}}, mean});
}

TEST_CASE("wasserstein_distance") {
  auto distance = [](const Vars& in) { return wasserstein_distance(in[0], in[1]); };
  auto inputs = [](Shape shape) {
    return std::vector<OperatorInput>{{shape}, {.shape = shape, .offset = 1, .grad = false}};
  };
  check_operator({"wasserstein_distance/small", inputs({2, 3, 4, 5}), distance});
  check_operator({"wasserstein_distance/rank_deficient", inputs({1, 9, 2, 3}), distance});
}

TEST_CASE("sobel and laplacian") {
  for (PaddingMode mode : {PaddingMode::zeros, PaddingMode::reflect}) {
    auto edges = [mode](const Vars& in) { return sobel(in[0], mode).magnitude; };
    auto curvature = [mode](const Vars& in) { return laplacian(in[0], mode); };
    std::string name = name_of(mode);
    // Reflected corners have derivatives that cancel to rounding noise over sqrt(1e-6); bf16 keeps the derivatives and
    // the magnitude with 8 bits each.
    OperatorTolerance noisy{.f32 = 3e-4, .bf16 = 1.0 / 16, .difference = 1e-4};
    check_operator({"sobel/" + name, {{{2, 3, 6, 5}, 0, 2}}, edges, noisy});
    check_operator({"sobel/padded_tail_" + name, {{{1, 9, 4, 7}, 0, 2}}, edges, noisy});
    check_operator({"laplacian/" + name, {{{2, 3, 6, 5}}}, curvature, {.f32 = 2e-6, .bf16 = 1.0 / 128}});
    check_operator({"laplacian/padded_tail_" + name, {{{1, 9, 4, 7}}}, curvature, {.f32 = 2e-6, .bf16 = 1.0 / 128}});
  }
}

TEST_CASE("losses at the kinks have the gradients of PyTorch") {
  HostContext context;
  for (DType dtype : {DType::f32, DType::f64}) {
    Tape tape;
    Recording recording(tape);
    Var x = from(context, {4}, {1, 2, 2.5, -3}, dtype), z = from(context, {4}, {1, 1, 3, -3}, dtype);
    tape.backward(l1_loss(x, z, Reduction::sum));
    CHECK(x.gradient().to_host() == std::vector<double>{0, 1, -1, 0});
    CHECK(z.gradient().to_host() == std::vector<double>{0, -1, 1, 0});
  }
  Tape tape;
  Recording recording(tape);
  Var x = from(context, {3}, {0.5, -0.5, 2}), z = from(context, {3}, {0, 0, 0});
  Var loss = smooth_l1_loss(x, z, {.reduction = Reduction::sum, .beta = 0.5});  // |d| = beta is linear: 0.25 each
  CHECK(loss.value().item() == 0.25 + 0.25 + 1.75);
  tape.backward(loss);
  CHECK(x.gradient().to_host() == std::vector<double>{1, -1, 1});
}

TEST_CASE("bce_with_logits neither overflows nor loses small losses") {
  HostContext context;
  Var loss = bce_with_logits(from(context, {1}, {-200}),
                             Var(Tensor::from_host(context, {1}, DType::f32, std::vector<double>{1})));
  CHECK(loss.value().item() == 200);
  Var tiny = bce_with_logits(from(context, {1}, {30}),
                             Var(Tensor::from_host(context, {1}, DType::f32, std::vector<double>{1})));
  CHECK(tiny.value().item() == doctest::Approx(std::exp(-30.0)).epsilon(1e-6));  // one f32 exp
}

TEST_CASE("losses refuse operands that don't fit") {
  HostContext context;
  Var a(Tensor::zeros(context, {2, 3}, DType::f32)), b(Tensor::zeros(context, {2, 1}, DType::f32));
  Var c(Tensor::zeros(context, {2, 3}, DType::f64));
  CHECK_THROWS_AS(l1_loss(a, b), ShapeError);
  CHECK_THROWS_WITH_AS(mse_loss(a, c), "mse_loss expects f32 [2, 3], got f64 [2, 3]", ShapeError);
  CHECK_THROWS_WITH_AS(smooth_l1_loss(a, a, {.beta = 0}), "smooth_l1_loss: expected beta > 0, got 0", Error);
  CHECK_THROWS_WITH_AS(bce_with_logits(a, Var::leaf(a.value())),
                       "bce_with_logits: the target gets no gradient; detach it", Error);
  CHECK_THROWS_WITH_AS(sobel(Var(Tensor::zeros(context, {1, 1, 1, 4}, DType::f32)), PaddingMode::reflect),
                       "sobel: reflect padding needs at least 2 rows and columns, got [1, 1, 1, 4]", ShapeError);
}
