// The losses and edge maps of the CUDA sources against the f64 loops.
#include "kernels/loss/bce_with_logits.h"
#include "kernels/loss/edge_maps.h"
#include "kernels/loss/l1_loss.h"
#include "kernels/loss/mse_loss.h"
#include "kernels/loss/smooth_l1_loss.h"
#include "kernels/loss/total_variation.h"
#include "tests/kernels/simt/device_check.h"

#include <doctest/doctest.h>

#include <fmt/format.h>

namespace cuunet::simt {
namespace {

constexpr Role output = Role::output;
using Views = std::vector<View>;

// The last one is summed by several blocks.
const Shape shapes[] = {{1, 1, 1, 1}, {2, 99, 3, 5}, {1030}, {2, 5, 40, 41}};
const TensorRow loss{{1}, output, true}, grad_loss{{1}, Role::input, true, 1, 0.5};

template <class Check>
void for_each_row(const Check& check) {
  for (const Shape& s : shapes) {
    for (Reduction reduction : {Reduction::mean, Reduction::sum}) {
      check(s, reduction, fmt::format(" {} {}", s.text(), reduction == Reduction::mean ? "mean" : "sum"));
    }
  }
}

TEST_CASE("simt: mse_loss and l1_loss") {
  for_each_row([](const Shape& s, Reduction reduction, const std::string& name) {
    check_device({"mse_loss" + name, {{s}, {s}, loss}, [=](Context& c, const Views& v) {
                    mse_loss_forward(c, v[0], v[1], v[2], reduction);
                  }});
    check_device({"l1_loss" + name, {{s}, {s}, loss}, [=](Context& c, const Views& v) {
                    l1_loss_forward(c, v[0], v[1], v[2], reduction);
                  }});
    std::vector<TensorRow> gradients{{s}, {s}, grad_loss, {s, output}, {s, output}};
    check_device({"mse_loss/backward" + name, gradients,
                  [=](Context& c, const Views& v) { mse_loss_backward(c, v[0], v[1], v[2], v[3], v[4], reduction); }});
    check_device({"l1_loss/backward" + name, gradients,
                  [=](Context& c, const Views& v) { l1_loss_backward(c, v[0], v[1], v[2], v[3], v[4], reduction); }});
  });
}

TEST_CASE("simt: smooth_l1_loss") {
  for_each_row([](const Shape& s, Reduction reduction, const std::string& name) {
    for (double beta : {0.5, 3.0}) {
      SmoothL1Params p{reduction, beta};
      check_device({"smooth_l1_loss" + name, {{s}, {s}, loss}, [=](Context& c, const Views& v) {
                      smooth_l1_loss_forward(c, v[0], v[1], v[2], p);
                    }});
      check_device({"smooth_l1_loss/backward" + name,
                    {{s}, {s}, grad_loss, {s, output}, {s, output}},
                    [=](Context& c, const Views& v) { smooth_l1_loss_backward(c, v[0], v[1], v[2], v[3], v[4], p); }});
    }
  });
}

TEST_CASE("simt: bce_with_logits") {
  for_each_row([](const Shape& s, Reduction reduction, const std::string& name) {
    TensorRow logits{s, Role::input, false, 0, 20}, target{s, Role::input, false, 0.5, 0.5};
    check_device({"bce_with_logits" + name, {logits, target, loss}, [=](Context& c, const Views& v) {
                    bce_with_logits_forward(c, v[0], v[1], v[2], reduction);
                  }});
    check_device({"bce_with_logits/backward" + name,
                  {logits, target, grad_loss, {s, output}},
                  [=](Context& c, const Views& v) { bce_with_logits_backward(c, v[0], v[1], v[2], v[3], reduction); }});
  });
}

TEST_CASE("simt: total_variation") {
  for_each_row([](const Shape& s, Reduction reduction, const std::string& name) {
    if (s.rank() != 4) return;
    check_device({"total_variation" + name, {{s}, loss}, [=](Context& c, const Views& v) {
                    total_variation_forward(c, v[0], v[1], reduction);
                  }});
    check_device({"total_variation/backward" + name, {{s}, grad_loss, {s, output}}, [=](Context& c, const Views& v) {
                    total_variation_backward(c, v[0], v[1], v[2], reduction);
                  }});
  });
}

TEST_CASE("simt: sobel and laplacian") {
  for (const Shape& x : {Shape{1, 1, 2, 3}, Shape{2, 3, 5, 7}, Shape{1, 11, 3, 9}}) {
    Shape map{x[0], 1, x[2], x[3]};
    TensorRow result{map, output, true}, edges{map, Role::input, true}, root{map, Role::input, true, 2};
    for (PaddingMode padding : {PaddingMode::zeros, PaddingMode::reflect, PaddingMode::replicate}) {
      std::string name = fmt::format(" {} {}", x.text(), name_of(padding));
      check_device({"sobel" + name, {{x}, result, result, result}, [=](Context& c, const Views& v) {
                      sobel_forward(c, v[0], v[1], v[2], v[3], padding);
                    }});
      check_device({"sobel/backward" + name, {edges, edges, root, edges, {x, output}}, [=](Context& c, const Views& v) {
                      sobel_backward(c, v[0], v[1], v[2], v[3], v[4], padding);
                    }});
      check_device({"laplacian" + name, {{x}, result}, [=](Context& c, const Views& v) {
                      laplacian_forward(c, v[0], v[1], padding);
                    }});
      check_device({"laplacian/backward" + name, {edges, {x, output}}, [=](Context& c, const Views& v) {
                      laplacian_backward(c, v[0], v[1], padding);
                    }});
    }
  }
}

}  // namespace
}  // namespace cuunet::simt
