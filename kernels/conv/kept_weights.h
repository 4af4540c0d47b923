// Weights in the format of one way to convolve, kept from call to call.
#pragma once

#include "kernels/conv/conv2d.h"

#include <memory>

namespace cuunet {

// The cache's weights where they are of this format and fit; else made now, and kept where there is a cache.
template <class Format, class Make, class Fits>
std::shared_ptr<Format> kept_weights(WeightsCache* cache, const Make& make, const Fits& fits) {
  if (cache == nullptr) return make();
  auto kept = std::dynamic_pointer_cast<Format>(cache->packed);
  if (kept == nullptr || !fits(*kept)) cache->packed = kept = make();
  return kept;
}

template <class Format, class Make>
std::shared_ptr<Format> kept_weights(WeightsCache* cache, const Make& make) {
  return kept_weights<Format>(cache, make, [](const Format&) { return true; });
}

}  // namespace cuunet
