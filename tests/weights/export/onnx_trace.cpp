#include "weights/export/onnx_trace.h"

#include "autograd/ops/activation.h"
#include "autograd/ops/arithmetic.h"
#include "autograd/ops/conv.h"
#include "autograd/ops/reduce.h"
#include "autograd/ops/weight_norms.h"
#include "engine/device/host_context.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

struct Fixture {
  HostContext context{{.threads = 1}};
  OnnxGraph graph;
  NoGrad no_grad;

  Var filled(const Shape& shape, double value) {
    return Var(Tensor::from_host(context, shape, DType::f32,
                                 std::vector<double>(static_cast<size_t>(shape.elements()), value)));
  }
  Var x = filled({1, 2, 4, 4}, 1);
};

TEST_CASE("onnx trace: what comes from no input is a constant, whatever made it") {
  Fixture f;
  OnnxTrace trace(f.graph);
  trace.input(f.x, "input");
  Var weight = weight_norm(f.filled({2, 1, 1, 1}, 3), f.filled({2, 2, 1, 1}, 1));
  Var y = conv2d(f.x, weight, Var(), {.relu = true});
  CHECK(trace.name_of(y) == "Relu");
  CHECK(f.graph.nodes() == 2);
  CHECK(f.graph.constants() == 1);
  conv2d(y, weight, Var(), {});  // the same constant again
  CHECK(f.graph.constants() == 1);
  CHECK_THROWS_WITH_AS(trace.name_of(weight), "an output [2, 2, 1, 1] of the network does not come from its input",
                       Error);
}

TEST_CASE("onnx trace: values are told apart by memory and shape, and memory is not used again") {
  Fixture f;
  OnnxTrace trace(f.graph);
  trace.input(f.x, "input");
  for (int i = 0; i < 3; ++i) relu(f.x);  // each result is dropped at once
  Var y = concat({relu(f.x), tanh(f.x)});
  CHECK(trace.name_of(y) == "Concat");
  CHECK(f.graph.nodes() == 6);
  CHECK(trace.name_of(f.x.detach()) == "input");
}

TEST_CASE("onnx trace: an operator that cannot be written is named") {
  Fixture f;
  OnnxTrace trace(f.graph);
  trace.input(f.x, "input");
  CHECK_THROWS_WITH_AS(sum(f.x), "the operator sum has no equal in the ONNX files that are written here", Error);
}

TEST_CASE("onnx trace: nothing is seen after its end") {
  Fixture f;
  {
    OnnxTrace trace(f.graph);
    trace.input(f.x, "input");
  }
  relu(f.x);
  CHECK(f.graph.nodes() == 0);
}

}  // namespace
}  // namespace cuunet
