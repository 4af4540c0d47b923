// relu, pixel_shuffle and batch_norm of the CUDA sources against the f64 loops.
#include "kernels/activation/relu.h"
#include "kernels/norm/batch_norm.h"
#include "kernels/norm/spectral_norm.h"
#include "kernels/pixel_shuffle/pixel_shuffle.h"
#include "tests/kernels/simt/device_check.h"

#include <doctest/doctest.h>

namespace cuunet::simt {
namespace {

constexpr Role output = Role::output;
using Views = std::vector<View>;

TEST_CASE("simt: relu") {
  for (const Shape& shape : {Shape{1, 1, 1, 1}, Shape{2, 99, 3, 5}, Shape{1, 64, 17, 2}, Shape{3, 7}, Shape{1030}}) {
    check_device({"relu/forward " + shape.text(), {{shape}, {shape, output}}, [](Context& context, const Views& v) {
                    relu_forward(context, v[0], v[1]);
                  }});
    check_device({"relu/backward " + shape.text(),
                  {{shape}, {shape}, {shape, output}},
                  [](Context& context, const Views& v) { relu_backward(context, v[0], v[1], v[2]); }});
  }
}

TEST_CASE("simt: pixel_shuffle and pixel_unshuffle") {
  struct Row {
    int64_t n, fine_channels, h, w;
    int factor;
  };
  for (Row row :
       {Row{1, 1, 1, 1, 2}, Row{2, 24, 3, 5, 2}, Row{1, 99, 2, 3, 2}, Row{1, 5, 3, 2, 3}, Row{2, 3, 4, 4, 1}}) {
    Shape coarse{row.n, row.fine_channels * row.factor * row.factor, row.h, row.w};
    Shape fine{row.n, row.fine_channels, row.h * row.factor, row.w * row.factor};
    check_device({"pixel_shuffle " + coarse.text(), {{coarse}, {fine, output}}, [&](Context& context, const Views& v) {
                    pixel_shuffle_forward(context, v[0], v[1], row.factor);
                  }});
    check_device({"pixel_unshuffle " + fine.text(), {{fine}, {coarse, output}}, [&](Context& context, const Views& v) {
                    pixel_unshuffle_forward(context, v[0], v[1], row.factor);
                  }});
  }
}

DeviceCase batch_norm_forward_case(const std::string& name, const Shape& x, const BatchNormParams& params) {
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
          [params](Context& context, const Views& v) {
            batch_norm_forward(context, {v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]}, params);
          },
          // Rounding of x - mean, mean near 3, against values near 1.
          {.f32 = 3e-6}};
}

DeviceCase batch_norm_backward_case(const std::string& name, const Shape& x, const BatchNormParams& params) {
  Shape channels{x[1]};
  return {name,
          {{x, Role::input, false, 0.5},
           {channels, Role::input, true, 1.0, 0.5},
           {channels, Role::input, true, 0.5, 0.1},
           {channels, Role::input, true, 1.5, 0.5},
           {x, Role::input, false, 0.25},
           {x, output},
           {channels, output, true},
           {channels, output, true}},
          [params](Context& context, const Views& v) {
            batch_norm_backward(context, {v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]}, params);
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
      check_device(batch_norm_forward_case("batch_norm/forward " + name, x, params));
      check_device(batch_norm_backward_case("batch_norm/backward " + name, x, params));
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

}  // namespace
}  // namespace cuunet::simt
