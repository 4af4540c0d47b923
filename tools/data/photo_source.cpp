#include "tools/data/photo_source.h"

#include "kernels/device/philox.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cuunet {

std::vector<int64_t> drawn_order(int64_t count, uint64_t seed, Purpose purpose, uint32_t epoch) {
  std::vector<int64_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  RandomStream random(seed, purpose, epoch);
  for (int64_t i = count - 1; i > 0; --i) {  // Fisher-Yates
    std::swap(order[static_cast<size_t>(i)], order[static_cast<size_t>(random.below(i + 1))]);
  }
  return order;
}

Split split_by_fraction(int64_t count, double fraction, uint64_t seed) {
  auto kept_aside = std::llround(fraction * static_cast<double>(count));
  if (fraction > 0 && fraction < 1 && count >= 2) kept_aside = std::clamp<int64_t>(kept_aside, 1, count - 1);
  kept_aside = std::clamp<int64_t>(kept_aside, 0, count);
  std::vector<int64_t> order = drawn_order(count, seed, Purpose::split);
  Split split;
  split.valid.assign(order.begin(), order.begin() + kept_aside);
  split.train.assign(order.begin() + kept_aside, order.end());
  std::sort(split.valid.begin(), split.valid.end());
  std::sort(split.train.begin(), split.train.end());
  return split;
}

}  // namespace cuunet
