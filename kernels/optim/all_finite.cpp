#include "kernels/optim/all_finite.h"

#include "kernels/device/parallel.h"

#include <cmath>
#include <limits>

namespace cuunet {
namespace {

constexpr int64_t block = 65536;  // elements

void count_in(Context& context, ConstView x, View total) {
  visit_float(x.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    const T* values = x.as<T>();
    double found = parallel_sum(context, x.storage_elements(), block, [=](int64_t begin, int64_t end) {
      int64_t bad = 0;
      for (int64_t i = begin; i < end; ++i) {
        bad += !(std::abs(static_cast<A>(values[i])) <= std::numeric_limits<A>::max());
      }
      return static_cast<double>(bad);
    });
    *total.as<int64_t>() += static_cast<int64_t>(found);
  });
}

void count(Context& context, std::span<const ConstView> tensors, View total) {
  for (const ConstView& x : tensors) count_in(context, x, total);
}

const Implementation on_cpu{count_not_finite, Device::cpu, count};

}  // namespace
}  // namespace cuunet
