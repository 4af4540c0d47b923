#include "kernels/loss/total_variation.h"

#include "kernels/device/error.h"
#include "kernels/loss/pointwise_loss.h"

namespace cuunet {
namespace {

struct Scales {
  double vertical, horizontal;
};

Scales scales_of(ConstView x, Reduction reduction) {
  int64_t down = x.n() * x.c() * (x.h() - 1) * x.w(), across = x.n() * x.c() * x.h() * (x.w() - 1);
  return {down > 0 ? scale_of(reduction, down) : 0, across > 0 ? scale_of(reduction, across) : 0};
}

void require_map(ConstView x, ConstView loss) {
  if (x.shape.rank() != 4) throw ShapeError("total_variation: expected [N, C, H, W], got {}", x.shape.text());
  require_loss_operands("total_variation", x, x, loss);
}

void forward(Context& context, ConstView x, View loss, Reduction reduction) {
  require_map(x, loss);
  Scales scales = scales_of(x, reduction);
  double total = 0;
  visit_float(x.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    int64_t height = x.h(), width = x.w(), channels = x.c(), right = x.pixel_stride, below = width * right;
    total = parallel_sum(context, x.n() * height, 1, [=](int64_t row, int64_t) {  // one row of pixels
      const T* pixels = x.as<T>() + row * below;
      bool last_row = row % height == height - 1;
      double vertical = 0, horizontal = 0;
      for (int64_t w = 0; w < width; ++w) {
        for (int64_t c = 0; c < channels; ++c) {
          const T* here = pixels + w * right + c;
          A value = static_cast<A>(*here);
          if (!last_row) vertical += std::abs(static_cast<A>(here[below]) - value);
          if (w + 1 < width) horizontal += std::abs(static_cast<A>(here[right]) - value);
        }
      }
      return scales.vertical * vertical + scales.horizontal * horizontal;
    });
  });
  write_scalar(loss, total);
}

void backward(Context& context, ConstView x, ConstView grad_loss, View grad_x, Reduction reduction) {
  require_map(x, grad_loss);
  if (grad_x.empty()) return;
  Scales scales = scales_of(x, reduction);
  double grad = read_scalar(grad_loss);
  visit_float(x.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    A vertical = static_cast<A>(grad * scales.vertical), horizontal = static_cast<A>(grad * scales.horizontal);
    int64_t height = x.h(), width = x.w(), channels = x.c(), right = x.pixel_stride, below = width * right;
    parallel_for(context, x.n() * height, 8, [=](int64_t begin, int64_t end) {
      auto sign = [](const T* from, const T* to) { return (A(*to) > A(*from)) - (A(*to) < A(*from)); };
      for (int64_t row = begin; row < end; ++row) {
        int64_t h = row % height;
        for (int64_t w = 0; w < width; ++w) {
          const T* in = x.as<T>() + row * below + w * right;
          T* out = grad_x.as<T>() + (row * width + w) * grad_x.pixel_stride;
          for (int64_t c = 0; c < channels; ++c) {
            const T* here = in + c;
            int down = (h > 0 ? sign(here - below, here) : 0) - (h + 1 < height ? sign(here, here + below) : 0);
            int across = (w > 0 ? sign(here - right, here) : 0) - (w + 1 < width ? sign(here, here + right) : 0);
            out[c] = static_cast<T>(vertical * static_cast<A>(down) + horizontal * static_cast<A>(across));
          }
          for (int64_t lane = channels; lane < grad_x.lanes; ++lane) out[lane] = T{};
        }
      }
    });
  });
}

const Implementation forward_on_cpu{total_variation_forward, Device::cpu, forward};
const Implementation backward_on_cpu{total_variation_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
