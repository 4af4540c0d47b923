// Looking for NaN and infinities in a tensor.
#pragma once

#include "engine/tensor/tensor.h"

#include <cstdint>

namespace cuunet {

// How many elements are NaN or infinite; 0 for integers and for a tensor that is not there.
int64_t not_finite(const Tensor& tensor);

}  // namespace cuunet
