// self_attention of the CUDA sources against the f64 loops, which hold the whole matrix.
#include "kernels/attention/self_attention.h"
#include "tests/kernels/simt/device_check.h"

#include <doctest/doctest.h>

namespace cuunet::simt {
namespace {

constexpr Role output = Role::output;
using Views = std::vector<View>;

struct Row {
  Shape x;
  int64_t inner;
  double logits;  // scale of queries and keys
};

// One pixel; less than a tile; more than one tile and 128 channels with a tail; logits up to about 60 in two tiles.
const Row rows[] = {{{1, 8, 1, 1}, 1, 1}, {{2, 19, 5, 7}, 3, 1}, {{1, 140, 9, 15}, 17, 0.5}, {{1, 24, 11, 7}, 40, 2}};

void check_with(const Row& r, bool tf32, DeviceTolerance tolerance) {
  Shape inner{r.x[0], r.inner, r.x[2], r.x[3]};
  TensorRow logits{inner, Role::input, false, 0, r.logits}, gamma{{1}, Role::input, true, 0.75, 0.25};
  check_device({"self_attention/forward " + r.x.text(),
                {logits, logits, {r.x}, gamma, {r.x}, {r.x, output}},
                [=](Context& context, const Views& v) {
                  context.allow_tf32 = tf32;
                  self_attention_forward(context, {v[0], v[1], v[2], v[3]}, v[4], v[5]);
                },
                tolerance});
  check_device({"self_attention/backward " + r.x.text(),
                {logits,
                 logits,
                 {r.x, Role::input, false, 0.25},
                 gamma,
                 {r.x, Role::input, false, 0.25},
                 {inner, output},
                 {inner, output},
                 {r.x, output},
                 {{1}, output, true}},
                [=](Context& context, const Views& v) {
                  context.allow_tf32 = tf32;
                  self_attention_backward(context, {v[0], v[1], v[2], v[3]}, v[4], {v[5], v[6], v[7], v[8]});
                },
                tolerance});
}

TEST_CASE("simt: self_attention, forward and backward") {
  // f32: errors of the logits, a few 2^-24 of their terms' sum, pass through the exponential. bf16: weights are rounded
  // to 2^-9 of themselves, then the result.
  for (const Row& row : rows) check_with(row, false, {.f32 = 4e-6, .bf16 = 1.0 / 128});
}

TEST_CASE("simt: self_attention with tf32 products") {
  // Weights are rounded to 2^-11 of themselves.
  for (const Row& row : {rows[1], rows[2]}) check_with(row, true, {.f32 = 1.0 / 1024, .bf16 = 1.0 / 128});
}

TEST_CASE("simt: self_attention, each gradient alone") {
  Row r = rows[1];
  Shape inner{r.x[0], r.inner, r.x[2], r.x[3]};
  TensorRow gamma{{1}, Role::input, true, 0.75, 0.25};
  for (int wanted = 0; wanted < 4; ++wanted) {
    TensorRow result = wanted < 2    ? TensorRow{inner, output}
                       : wanted == 2 ? TensorRow{r.x, output}
                                     : TensorRow{{1}, output, true};
    check_device({"self_attention/backward, gradient " + std::to_string(wanted),
                  {{inner}, {inner}, {r.x, Role::input, false, 0.25}, gamma, {r.x, Role::input, false, 0.25}, result},
                  [=](Context& context, const Views& v) {
                    SelfAttentionGradients grad;
                    (wanted == 0 ? grad.query : wanted == 1 ? grad.key : wanted == 2 ? grad.value : grad.gamma) = v[5];
                    self_attention_backward(context, {v[0], v[1], v[2], v[3]}, v[4], grad);
                  },
                  {.f32 = 4e-6, .bf16 = 1.0 / 128}});
  }
}

}  // namespace
}  // namespace cuunet::simt
