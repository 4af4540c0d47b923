#include "kernels/conv/dense_problem.h"

#include <limits>

namespace cuunet {
namespace {

void require_countable(const char* what, const Shape& shape) {
  constexpr int64_t most = std::numeric_limits<int>::max();
  if (owner_storage_elements(shape) <= most) return;
  throw ShapeError(
      "cudnn: {} {} has {} elements, at most {} can be counted; take a smaller batch or size, or "
      "--conv-backend native",
      what, shape.text(), owner_storage_elements(shape), most);
}

}  // namespace

DenseProblem dense_problem(const Shape& x, const Shape& w, const Shape& y, DType dtype, bool tf32,
                           const Conv2dParams& params) {
  require_countable("image", x);
  require_countable("weight", {padded_channels(w[0]), w[1], w[2], w[3]});
  require_countable("result", y);
  auto whole = [](int64_t size) { return static_cast<int>(size); };
  return {.dtype = dtype,
          .tf32 = tf32 && dtype == DType::f32,
          .n = whole(x[0]),
          .c = whole(padded_channels(x[1])),
          .h = whole(x[2]),
          .w = whole(x[3]),
          .k = whole(padded_channels(w[0])),
          .r = whole(w[2]),
          .s = whole(w[3]),
          .p = whole(y[2]),
          .q = whole(y[3]),
          .stride = params.stride,
          .padding = params.padding};
}

std::string DenseProblem::text() const {
  return fmt::format("{} [{}, {}, {}, {}] by [{}, {}, {}, {}] stride {} padding {}", tf32 ? "tf32" : name_of(dtype), n,
                     c, h, w, k, c, r, s, stride, padding);
}

std::array<int, 4> nhwc_strides(int channels, int height, int width) {
  return {height * width * channels, 1, width * channels, channels};
}

}  // namespace cuunet
