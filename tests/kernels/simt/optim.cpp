// The optimisers' steps over lists of parameters of the CUDA sources against the f64 loops.
#include "kernels/optim/adam.h"
#include "kernels/optim/all_finite.h"
#include "kernels/optim/sgd.h"
#include "tests/kernels/simt/device_check.h"

#include <doctest/doctest.h>

#include <cmath>

namespace cuunet::simt {
namespace {

using Views = std::vector<View>;

// More than one launch takes, one with several blocks, and settings that differ.
std::vector<Shape> list_of_shapes() {
  std::vector<Shape> shapes{{9, 5, 3, 3}, {1}, {70, 3, 8, 8}, {0, 3}, {130}};
  for (int64_t i = 1; i <= 70; ++i) shapes.push_back({i});
  return shapes;
}

TEST_CASE("simt: adam") {
  for (WeightDecay decay : {WeightDecay::into_gradient, WeightDecay::decoupled}) {
    std::vector<TensorRow> tensors;
    for (const Shape& s : list_of_shapes()) {
      tensors.push_back({s, Role::updated, true});
      tensors.push_back({s, Role::input, true});
      tensors.push_back({s, Role::updated, true});
      tensors.push_back({s, Role::updated, true, 0.5, 0.25});
    }
    check_device({"adam", tensors, [=](Context& c, const Views& v) {
                    std::vector<AdamUpdate> updates;
                    for (size_t i = 0; i < v.size(); i += 4) {
                      AdamStep step{.weight_decay = 0.1, .decay = decay, .number = 3};
                      step.learning_rate = 1e-3 * static_cast<double>(1 + i % 3);
                      updates.push_back({v[i], v[i + 1], v[i + 2], v[i + 3], step});
                    }
                    adam_step(c, updates);
                  }});
  }
}

TEST_CASE("simt: sgd") {
  for (bool first : {true, false}) {
    std::vector<TensorRow> tensors;
    for (const Shape& s : list_of_shapes()) {
      tensors.push_back({s, Role::updated, true});
      tensors.push_back({s, Role::input, true});
      tensors.push_back({s, Role::updated, true});
    }
    check_device({"sgd", tensors, [=](Context& c, const Views& v) {
                    std::vector<SgdUpdate> updates;
                    for (size_t i = 0; i < v.size(); i += 3) {
                      SgdStep step{.momentum = 0.9, .weight_decay = 0.1, .first = first};
                      bool plain = i % 2 == 0;
                      updates.push_back({v[i], v[i + 1], plain ? View{} : v[i + 2], step});
                    }
                    sgd_step(c, updates);
                  }});
  }
}

TEST_CASE("simt: count_not_finite adds to the count") {
  std::vector<float> x(70000, 1.0f);
  x[0] = x[69999] = NAN;
  x[333] = -INFINITY;
  std::vector<bfloat16> y(9, bfloat16(3.0f));
  y[8] = bfloat16(INFINITY);
  std::vector<ConstView> tensors{{x.data(), DType::f32, {70000}, 70000, 70000}, {y.data(), DType::bf16, {9}, 9, 9}};
  for (int i = 0; i < 300; ++i) tensors.push_back({x.data(), DType::f32, {1}, 1, 1});
  int64_t count = 4;
  PlainContext context(Device::simt);
  count_not_finite(context, tensors, {&count, DType::i64, {1}, 1, 1});
  CHECK(count == 4 + 3 + 1 + 300);
}

}  // namespace
}  // namespace cuunet::simt
