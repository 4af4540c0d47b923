#include "autograd/ops/activation.h"
#include "engine/device/host_context.h"
#include "kernels/device/error.h"

#include <doctest/doctest.h>

using namespace cuunet;

namespace {

struct Fixture {
  HostContext context;
  Var leaf(std::vector<double> values) {
    auto count = static_cast<int64_t>(values.size());
    return Var::leaf(Tensor::from_host(context, {count}, DType::f64, values));
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "tape: a chain is replayed in reverse, gradients of leaves stay") {
  Var x = leaf({-1, 2, 3});
  Tape tape;
  Var y;
  {
    Recording recording(tape);
    y = relu(relu(x));
  }
  CHECK(tape.entries() == 2);
  tape.backward(y, Tensor::from_host(context, {3}, DType::f64, std::vector<double>{10, 20, 30}));
  CHECK(x.gradient().to_host() == std::vector<double>{0, 20, 30});
}

TEST_CASE_FIXTURE(Fixture, "tape: gradients accumulate over backward passes") {
  Var x = leaf({1});
  for (int pass = 0; pass < 3; ++pass) {
    Tape tape;
    Recording recording(tape);
    tape.backward(relu(x));
  }
  CHECK(x.gradient().item() == 3);
}

TEST_CASE_FIXTURE(Fixture, "tape: nothing is recorded without a recording, under NoGrad, or for constants") {
  Var x = leaf({1});
  CHECK_FALSE(relu(x).requires_grad());
  Tape tape;
  Recording recording(tape);
  CHECK_FALSE(relu(x.detach()).requires_grad());
  {
    NoGrad no_grad;
    CHECK_FALSE(relu(x).requires_grad());
  }
  CHECK(relu(x).requires_grad());
  CHECK(tape.entries() == 1);
}

TEST_CASE_FIXTURE(Fixture, "tape: mistakes say what to do") {
  Var x = leaf({1});
  Tape tape;
  CHECK_THROWS_WITH_AS(tape.backward(x), "backward without a recording: no operator was recorded on this tape", Error);
  Recording recording(tape);
  Var y = relu(x);
  tape.backward(y);
  CHECK_THROWS_WITH_AS(tape.backward(y), "backward was called twice on one recording; run the forward pass again",
                       Error);
  Var wide = relu(leaf({1, 2}));
  CHECK_THROWS_WITH_AS(tape.backward(wide), "backward starts at a scalar, got [2]; give the gradient to start from",
                       ShapeError);
}

TEST_CASE_FIXTURE(Fixture, "tape: a saved tensor that was overwritten is named") {
  Var x = leaf({1});
  Tape tape;
  Recording recording(tape);
  std::string path = "layers.4.relu";
  LayerScope scope(path);
  Var y = relu(x);
  y.value().mark_changed();
  CHECK_THROWS_WITH_AS(tape.backward(y),
                       "layers.4.relu: relu backward: a tensor [1] that backward needs was overwritten after it was "
                       "saved (version 0, now 1); keep a clone",
                       Error);
}
