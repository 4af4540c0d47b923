#include "kernels/norm/instance_norm.h"

#include "kernels/device/elementwise.h"
#include "kernels/norm/channel_sums.h"

#include <cmath>

namespace cuunet {

void require_instance_norm(const Shape& x) {
  if (x.rank() != 4) throw ShapeError("instance_norm expects [N, C, H, W], got {}", x.text());
  if (x[2] * x[3] <= 1) throw ShapeError("instance_norm expects more than one pixel per channel, got {}", x.text());
}

namespace {

void forward(Context& context, ConstView x, View y, View mean, View inv_std, double eps) {
  require_instance_norm(x.shape);
  require_same_shape("instance_norm", x, y);
  int64_t channels = x.c();
  visit_float(x.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    Workspace workspace(context, static_cast<size_t>(channels) * (2 * sizeof(double) + sizeof(A)));
    double *sample_mean = workspace.as<double>(), *squares = sample_mean + channels;
    A* zero = reinterpret_cast<A*>(squares + channels);
    std::fill_n(zero, channels, A(0));
    for (int64_t image = 0; image < x.n(); ++image) {
      auto rows = norm::rows_of_image<T>(x, image);
      A *m = mean.as<A>() + image * channels, *inverse = inv_std.as<A>() + image * channels;
      norm::moments<T>(context, rows, sample_mean, squares);
      for (int64_t c = 0; c < channels; ++c) {
        m[c] = static_cast<A>(sample_mean[c]);
        inverse[c] = static_cast<A>(1.0 / std::sqrt(squares[c] / static_cast<double>(rows.count) + eps));
      }
      norm::normalise<T, A>(context, rows, m, inverse, zero, norm::rows_of_image<T>(y, image), y.lanes,
                            [](A v) { return v; });
    }
  });
}

void backward(Context& context, ConstView x, ConstView mean, ConstView inv_std, ConstView grad_y, View grad_x) {
  if (grad_x.empty()) return;
  require_same_shape("instance_norm", x, grad_y);
  int64_t channels = x.c();
  visit_float(x.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    Workspace workspace(context, static_cast<size_t>(channels) * 2 * (sizeof(double) + sizeof(A)));
    double *plain = workspace.as<double>(), *centred = plain + channels;
    A *share = reinterpret_cast<A*>(centred + channels), *slope = share + channels;
    for (int64_t image = 0; image < x.n(); ++image) {
      auto rows = norm::rows_of_image<T>(x, image), upstream = norm::rows_of_image<T>(grad_y, image);
      const A *m = mean.as<A>() + image * channels, *inverse = inv_std.as<A>() + image * channels;
      norm::product_sums<T>(context, upstream, rows, m, norm::Everywhere{}, plain, centred);
      for (int64_t c = 0; c < channels; ++c) {
        double count = static_cast<double>(rows.count), scale = inverse[c];
        share[c] = static_cast<A>(plain[c] / count);
        slope[c] = static_cast<A>(centred[c] * scale * scale / count);
      }
      norm::normalise_backward<T, A>(context, upstream, rows, m, inverse, share, slope, norm::Everywhere{},
                                     norm::rows_of_image<T>(grad_x, image), grad_x.lanes);
    }
  });
}

const Implementation forward_on_cpu{instance_norm_forward, Device::cpu, forward};
const Implementation backward_on_cpu{instance_norm_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
