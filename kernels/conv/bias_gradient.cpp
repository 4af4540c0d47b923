#include "kernels/conv/bias_gradient.h"

#include "kernels/norm/channel_sums.h"

namespace cuunet {

void sum_channels(Context& context, ConstView grad_y, View grad_bias) {
  visit_float(grad_y.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    auto rows = norm::rows_of<T>(grad_y);
    int64_t channels = rows.channels;
    A* out = grad_bias.as<A>();
    norm::for_blocks<A>(
        context, rows.count, channels,
        [=](int64_t begin, int64_t end, A* sums, A*) { norm::sum_rows(rows, begin, end, sums); },
        [=](int64_t begin, int64_t end, int64_t blocks, const A* sums) {
          for (int64_t c = begin; c < end; ++c) {
            double total = 0;
            for (int64_t b = 0; b < blocks; ++b) total += static_cast<double>(sums[2 * b * channels + c]);
            out[c] = static_cast<A>(total);
          }
        });
  });
}

}  // namespace cuunet
