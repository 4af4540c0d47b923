// The normalisations of feature maps and of weights of the CUDA sources against the f64 loops.
#include "kernels/norm/batch_norm.h"
#include "kernels/norm/instance_norm.h"
#include "kernels/norm/spectral_norm.h"
#include "kernels/norm/weight_norm.h"
#include "tests/kernels/simt/device_check.h"

#include <doctest/doctest.h>

namespace cuunet::simt {
namespace {

constexpr Role output = Role::output;
using Views = std::vector<View>;
template <class Arguments>
using BatchNormPass = Operator<void(Context&, const Arguments&, const BatchNormParams&)>;

DeviceCase forward_case(const BatchNormPass<BatchNormForward>& op, const std::string& name, const Shape& x,
                        const BatchNormParams& params) {
  Shape channels{x[1]};
  return {name,
          {{x, Role::input, false, 3.0},
           {channels, Role::input, true, 1.0, 0.5},
           {channels, Role::input, true},
           {channels, Role::updated, true},
           {channels, Role::updated, true, 1.5, 0.5},
           {x, output},
           {channels, output, true},
           {channels, output, true}},
          [params, &op](Context& context, const Views& v) {
            op(context, {v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]}, params);
          },
          // Rounding of x - mean, mean near 3, against values near 1.
          {.f32 = 3e-6}};
}

DeviceCase backward_case(const BatchNormPass<BatchNormBackward>& op, const std::string& name, const Shape& x,
                         const BatchNormParams& params) {
  Shape channels{x[1]};
  return {name,
          {{x, Role::input, false, 0.5},
           {channels, Role::input, true, 1.0, 0.5},
           {channels, Role::input, true, 0.5, 0.1},
           {channels, Role::input, true, 1.5, 0.5},
           {x, Role::input, false, 0.25},
           {x, output},
           {channels, output, true},
           {channels, output, true},
           {channels, Role::input, true}},
          [params, &op](Context& context, const Views& v) {
            op(context, {v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8]}, params);
          },
          // f32 sums of a few thousand products of either sign, which cancel.
          {.f32 = 1e-5}};
}

TEST_CASE("simt: batch_norm") {
  for (const Shape& x : {Shape{2, 1, 1, 1}, Shape{2, 3, 5, 7}, Shape{1, 99, 6, 3}, Shape{3, 300, 9, 7}, Shape{4, 20},
                         Shape{2, 8, 40, 33}}) {
    for (bool training : {true, false}) {
      std::string name = (training ? "training " : "eval ") + x.text();
      BatchNormParams params{.training = training};
      check_device(forward_case(batch_norm_forward, "batch_norm/forward " + name, x, params));
      check_device(backward_case(batch_norm_backward, "batch_norm/backward " + name, x, params));
      check_device(forward_case(batch_norm_relu_forward, "batch_norm_relu/forward " + name, x, params));
      check_device(backward_case(batch_norm_relu_backward, "batch_norm_relu/backward " + name, x, params));
    }
  }
}

TEST_CASE("simt: spectral_norm") {
  for (const Shape& w : {Shape{5, 3, 3, 3}, Shape{300, 17}, Shape{6, 4, 1}, Shape{2, 70, 2, 1}}) {
    for (SpectralNormParams p :
         {SpectralNormParams{true, 0}, SpectralNormParams{false, 0}, SpectralNormParams{true, 1}}) {
      Shape u{w[p.dim]}, v{w.elements() / w[p.dim]};
      // Away from zero, so that uᵀ W v does not cancel.
      TensorRow weight{w, Role::input, true, 0.5, 0.25}, left{u, Role::input, true, 0.5, 0.25};
      TensorRow right{v, Role::input, true, 0.5, 0.25}, sigma{{1}, Role::input, true, 2, 0.5};
      TensorRow left_updated = left, right_updated = right, result{w, output, true};
      left_updated.role = right_updated.role = Role::updated;
      check_device({"spectral_norm " + w.text(),
                    {weight, left_updated, right_updated, result, {{1}, output, true}},
                    [=](Context& c, const Views& t) { spectral_norm_forward(c, t[0], t[1], t[2], t[3], t[4], p); }});
      check_device(
          {"spectral_norm/backward " + w.text(),
           {weight, left, right, sigma, weight, result},
           [=](Context& c, const Views& t) { spectral_norm_backward(c, t[0], t[1], t[2], t[3], t[4], t[5], p); }});
    }
  }
}

TEST_CASE("simt: instance_norm") {
  for (const Shape& x : {Shape{1, 1, 1, 2}, Shape{2, 3, 5, 7}, Shape{3, 99, 6, 3}, Shape{2, 8, 40, 33}}) {
    Shape maps{x[0], x[1]};
    TensorRow statistics{maps, output, true};
    check_device({"instance_norm " + x.text(),
                  {{x, Role::input, false, 3.0}, {x, output}, statistics, statistics},
                  [](Context& c, const Views& v) { instance_norm_forward(c, v[0], v[1], v[2], v[3], 1e-5); },
                  // Rounding of x - mean, mean near 3, against values near 1.
                  {.f32 = 3e-6}});
    check_device({"instance_norm/backward " + x.text(),
                  {{x, Role::input, false, 0.5},
                   {maps, Role::input, true, 0.5, 0.1},
                   {maps, Role::input, true, 1.5, 0.5},
                   {x, Role::input, false, 0.25},
                   {x, output}},
                  [](Context& c, const Views& v) { instance_norm_backward(c, v[0], v[1], v[2], v[3], v[4]); },
                  // f32 sums of a thousand products of either sign, which cancel.
                  {.f32 = 3e-6}});
  }
}

TEST_CASE("simt: weight_norm") {
  for (const Shape& v : {Shape{5, 3, 3, 3}, Shape{3, 300, 1, 2}, Shape{300, 17}, Shape{6, 4, 1}}) {
    Shape g{v[0], 1, 1, 1};
    TensorRow length{g, Role::input, true}, direction{v, Role::input, true};
    check_device({"weight_norm " + v.text(), {length, direction, {v, output, true}}, [](Context& c, const Views& t) {
                    weight_norm_forward(c, t[0], t[1], t[2]);
                  }});
    check_device({"weight_norm/backward " + v.text(),
                  {length, direction, direction, {g, output, true}, {v, output, true}},
                  [](Context& c, const Views& t) { weight_norm_backward(c, t[0], t[1], t[2], t[3], t[4]); }});
  }
}

}  // namespace
}  // namespace cuunet::simt
