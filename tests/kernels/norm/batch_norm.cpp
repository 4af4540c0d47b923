#include "kernels/norm/batch_norm.h"

#include "tests/checks/operator_check.h"

#include <doctest/doctest.h>

using namespace cuunet;

TEST_CASE("batch_norm writes into channel slices") {
  for (Shape shape : {Shape{2, 3, 4, 5}, Shape{1, 64, 9, 7}}) {
    check_slices("batch_norm/slice", {shape}, shape, [&](Context& context, const std::vector<ConstView>& in, View y) {
      Tensor mean = Tensor::zeros(context, {shape[1]}, DType::f32), inv_std = mean.clone();
      batch_norm_forward(context, {in[0], {}, {}, {}, {}, y, mean.view(), inv_std.view()}, {.training = true});
    });
  }
}
