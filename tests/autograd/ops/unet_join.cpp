#include "autograd/ops/unet_join.h"

#include "autograd/ops/activation.h"
#include "autograd/ops/arithmetic.h"
#include "autograd/ops/norm.h"
#include "autograd/ops/pixel_shuffle.h"
#include "autograd/ops/pool.h"
#include "kernels/device/error.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace cuunet;

namespace {

UnetSkip skip_of(const Vars& in) {
  Context& context = in[0].context();
  return {in[1],
          in[2],
          in[3],
          Tensor::zeros(context, in[2].shape(), in[2].dtype()),
          Tensor::zeros(context, in[2].shape(), in[2].dtype()),
          {.training = true}};
}

// Inputs around 1 with a spread of 1 are partly negative: the ReLU before makes the coarse map what unet_join expects.
auto joined(bool blurred) {
  return [blurred](const Vars& in) { return unet_join(relu(in[0]), blurred, skip_of(in)); };
}
auto in_steps(bool blurred) {
  return [blurred](const Vars& in) {
    Var up = pixel_shuffle(relu(in[0]));
    UnetSkip skip = skip_of(in);
    Var normed = batch_norm(skip.x, skip.weight, skip.bias, skip.running_mean, skip.running_var, skip.params);
    return concat_relu({blurred ? blur(up) : up, normed});
  };
}

std::vector<OperatorInput> inputs(int64_t images, int64_t up, int64_t skip, int64_t height, int64_t width) {
  return {{{images, 4 * up, height, width}, 0.25},
          {{images, skip, 2 * height, 2 * width}},
          {{skip}, 1, 0.25, true},
          {{skip}, 0, 0.1, true}};
}

// The norm's own roundings, and one of bf16 after the blur's gradient.
constexpr OperatorTolerance usual{.f32 = 3e-6, .bf16 = 4.0 / 256};

}  // namespace

TEST_CASE("unet_join") {
  for (const OperatorCase& row : {
           OperatorCase{"unet_join/blurred", inputs(2, 5, 3, 3, 4), joined(true), usual},
           OperatorCase{"unet_join/plain", inputs(2, 5, 3, 3, 4), joined(false), usual},
           OperatorCase{"unet_join/vectors", inputs(1, 48, 64, 9, 7), joined(true), usual},
           OperatorCase{"unet_join/one_pixel", inputs(1, 8, 8, 1, 1), joined(true), usual},
           OperatorCase{"unet_join/one_column", inputs(2, 9, 4, 5, 1), joined(true), usual},
       }) {
    check_operator(row);
  }
}

TEST_CASE("unet_join is the same as its steps") {
  HostContext context({.threads = 2});
  for (bool blurred : {false, true}) {
    std::vector<std::vector<double>> outcomes[2];
    for (int way = 0; way < 2; ++way) {
      Vars in;
      for (const OperatorInput& input : inputs(2, 12, 7, 6, 5)) {
        std::string name = input.shape.text() + (in.size() == 3 ? "bias" : "");
        in.push_back(Var::leaf(Tensor::from_host(context, input.shape, DType::f32,
                                                 named_inputs(name, input.shape, input.offset, input.scale))));
      }
      Tape tape;
      Recording recording(tape);
      Var y = way == 0 ? joined(blurred)(in) : in_steps(blurred)(in);
      tape.backward(y, Tensor::from_host(context, y.shape(), DType::f32, named_inputs("grad_y", y.shape())));
      outcomes[way].push_back(y.value().to_host());
      for (const Var& v : in) outcomes[way].push_back(v.gradient().to_host());
    }
    for (size_t t = 0; t < outcomes[0].size(); ++t) {
      for (size_t i = 0; i < outcomes[0][t].size(); ++i) {
        // The blur's border adds its terms in another order; sums over 240 pixels follow.
        CHECK(std::abs(outcomes[0][t][i] - outcomes[1][t][i]) <= 1e-5);
      }
    }
  }
}

TEST_CASE("unet_join refuses a skip of another size") {
  HostContext context;
  auto zeros = [&](Shape shape) { return Var(Tensor::zeros(context, shape, DType::f32)); };
  CHECK_THROWS_WITH_AS(
      unet_join(zeros({1, 8, 3, 3}), true, skip_of({zeros({1}), zeros({1, 4, 6, 5}), zeros({4}), zeros({4})})),
      "unet_join expects a skip of the enlarged map's size [1, 2, 6, 6], got [1, 4, 6, 5]", ShapeError);
}
