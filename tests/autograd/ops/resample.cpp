#include "autograd/ops/resample.h"

#include "engine/device/host_context.h"
#include "kernels/device/error.h"
#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

using namespace cuunet;

namespace {

auto to(int64_t height, int64_t width, Interpolation kind) {
  return [=](const Vars& in) { return interpolate(in[0], height, width, kind); };
}
auto like(int64_t height, int64_t width) {
  return [=](const Vars& in) {
    Var other(Tensor::zeros(in[0].context(), {1, 2, height, width}, in[0].dtype()));
    return interpolate_like(in[0], other, Interpolation::nearest);
  };
}
auto enlarged(int factor, Interpolation kind) {
  return [=](const Vars& in) { return upsample(in[0], factor, kind); };
}
auto padded(PadParams p) {
  return [p](const Vars& in) { return pad2d(in[0], p); };
}

constexpr auto nearest = Interpolation::nearest, bilinear = Interpolation::bilinear,
               corners = Interpolation::bilinear_align_corners;

}  // namespace

TEST_CASE("interpolate") {
  for (const OperatorCase& row : {
           OperatorCase{"nearest/double", {{{2, 3, 3, 4}}}, to(6, 8, nearest)},
           OperatorCase{"nearest/up_and_down", {{{2, 3, 3, 5}}}, to(7, 4, nearest)},
           OperatorCase{"nearest/from_one", {{{2, 3, 1, 1}}}, to(3, 5, nearest)},
           OperatorCase{"nearest/skip_size", {{{1, 99, 4, 6}}}, to(5, 6, nearest)},
           OperatorCase{"bilinear/double", {{{2, 3, 3, 4}}}, to(6, 8, bilinear)},
           OperatorCase{"bilinear/from_one", {{{2, 3, 1, 1}}}, to(2, 2, bilinear)},
           OperatorCase{"bilinear/up_and_down", {{{2, 3, 5, 7}}}, to(9, 4, bilinear)},
           OperatorCase{"bilinear/to_one", {{{2, 3, 2, 3}}}, to(1, 1, bilinear)},
           OperatorCase{"bilinear/padded_tail", {{{1, 99, 8, 9}}}, to(17, 31, bilinear)},
           OperatorCase{"bilinear_corners/double", {{{2, 3, 3, 4}}}, to(6, 8, corners)},
           OperatorCase{"bilinear_corners/to_one", {{{2, 3, 2, 3}}}, to(1, 1, corners)},
           OperatorCase{"bilinear_corners/up_and_down", {{{2, 70, 5, 7}}}, to(9, 4, corners)},
           OperatorCase{"like/other_size", {{{1, 99, 4, 6}}}, like(5, 7)},
           OperatorCase{"like/same_size", {{{2, 3, 4, 6}}}, like(4, 6)},
           OperatorCase{"upsample/twice", {{{2, 3, 3, 4}}}, enlarged(2, bilinear)},
           OperatorCase{"upsample/three_times", {{{2, 3, 1, 5}}}, enlarged(3, nearest)},
       }) {
    check_operator(row);
  }
}

TEST_CASE("a doubled map has the doubled size, one like another the other's") {
  HostContext context({.threads = 1});
  Var x(Tensor::zeros(context, {2, 3, 4, 5}, DType::f32)), other(Tensor::zeros(context, {1, 1, 7, 6}, DType::f32));
  CHECK(upsample(x, 2, bilinear).shape() == Shape{2, 3, 8, 10});
  CHECK(interpolate_like(x, other, nearest).shape() == Shape{2, 3, 7, 6});
  Var flat(Tensor::zeros(context, {2, 3}, DType::f32));
  CHECK_THROWS_WITH_AS(interpolate_like(x, flat, nearest), "interpolate_like expects [N, C, H, W], got [2, 3]",
                       ShapeError);
}

TEST_CASE("nearest rounds its index in f32, as PyTorch does") {
  CHECK(nearest_source(23, 14, 46) == 6);  // exactly 7
  CHECK(nearest_source(37, 6, 74) == 2);   // exactly 3
  CHECK(nearest_source(45, 14, 46) == 13);
}

TEST_CASE("pad2d") {
  for (const OperatorCase& row : {
           OperatorCase{"reflect/one", {{{2, 3, 4, 5}}}, padded({1, 1, 1, 1})},
           OperatorCase{"reflect/most", {{{1, 2, 4, 4}}}, padded({3, 3, 3, 3})},
           OperatorCase{"reflect/uneven", {{{1, 99, 4, 3}}}, padded({2, 0, 1, 3})},
           OperatorCase{"replicate/one", {{{2, 3, 4, 5}}}, padded({1, 0, 1, 0, PaddingMode::replicate})},
           OperatorCase{"replicate/pixel", {{{1, 1, 1, 1}}}, padded({1, 1, 1, 1, PaddingMode::replicate})},
           OperatorCase{"replicate/far", {{{1, 2, 3, 4}}}, padded({5, 1, 0, 4, PaddingMode::replicate})},
           OperatorCase{"zeros/uneven", {{{1, 70, 3, 4}}}, padded({2, 1, 0, 3, PaddingMode::zeros})},
           OperatorCase{"replicate/none", {{{1, 2, 3, 4}}}, padded({0, 0, 0, 0, PaddingMode::replicate})},
       }) {
    check_operator(row);
  }
}

TEST_CASE("pad2d copies the right cells") {
  HostContext context;
  Var x(Tensor::from_host(context, {1, 1, 1, 3}, DType::f32, std::vector<double>{1, 2, 3}));
  CHECK(pad2d(x, {.left = 2, .right = 1}).value().to_host() == std::vector<double>{3, 2, 1, 2, 3, 2});
  CHECK(pad2d(x, {.left = 2, .right = 1, .mode = PaddingMode::replicate}).value().to_host() ==
        std::vector<double>{1, 1, 1, 2, 3, 3});
}

TEST_CASE("resampling refuses what it cannot read") {
  HostContext context;
  Var x(Tensor::zeros(context, {1, 1, 3, 3}, DType::f32));
  CHECK_THROWS_WITH_AS(
      pad2d(x, {.left = 3}),
      "pad by left 3, right 0, top 0, bottom 0 expects [N, C, H, W] larger than each reflected pad, got "
      "[1, 1, 3, 3]",
      ShapeError);
  CHECK_NOTHROW(pad2d(x, {.left = 2}));
  CHECK_NOTHROW(pad2d(x, {.left = 9, .mode = PaddingMode::replicate}));
  CHECK_THROWS_WITH_AS(interpolate(x, 0, 3, nearest),
                       "interpolate expects [N, C, H, W] and positive sizes, got [1, 1, 3, 3] to 0 x 3", ShapeError);
}
