// Products of matrices by a library (kernels/device/backend.h): y = scale · a · b per batch, y overwritten.
// a and b of one type, f32 or bf16, each with one stride of 1; y of that type or f32, its columns contiguous.
#pragma once

#include "kernels/device/backend.h"
#include "kernels/linalg/matrix_product.h"

namespace cuunet {

struct PeerProduct {
  ConstMatrix a, b;
  Matrix y;
  int64_t batches = 1;
  double scale = 1;
};

inline constinit Peer<void(Context&, const PeerProduct&)> matrix_product_peer{};

// What a measured choice between both is kept under.
std::string matrix_product_key(const char* op, const Context&, const PeerProduct&);

}  // namespace cuunet
