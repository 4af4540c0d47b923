#include "kernels/conv/add_bias.h"

#include "kernels/device/elementwise.h"
#include "kernels/device/parallel.h"

namespace cuunet {
namespace {

void forward(Context& context, ConstView bias, View y, bool relu) {
  visit_float(y.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    const A* b = bias.as<A>();
    int64_t channels = y.c();
    parallel_for(context, y.rows(), 256, [=](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        T* pixel = y.as<T>() + row * y.pixel_stride;
        for (int64_t c = 0; c < channels; ++c) {
          A value = static_cast<A>(pixel[c]) + (b != nullptr ? b[c] : A(0));
          pixel[c] = static_cast<T>(relu && value < 0 ? A(0) : value);
        }
      }
    });
  });
}

const Implementation on_cpu{add_bias, Device::cpu, forward};

}  // namespace
}  // namespace cuunet
