// weight[k,…] = g[k] · v[k,…] / ‖v[k,…]‖₂             v, weight: [K, C, R, S], g: [K, 1, 1, 1], f32 or f64
// grad_g[k]   = Σ G[k,…] · v[k,…] / ‖v[k]‖            G: the gradient of weight
// grad_v[k,…] = g[k] / ‖v[k]‖ · (G[k,…] - v[k,…] · Σ G[k]·v[k] / ‖v[k]‖²)
// PyTorch: torch.nn.utils.weight_norm(conv), dimension 0 (Salimans and Kingma 2016). The norm is over all other
// dimensions; sums are in double.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

inline constinit Operator<void(Context&, ConstView g, ConstView v, View weight)> weight_norm_forward{
    "weight_norm_forward"};
inline constinit Operator<void(Context&, ConstView g, ConstView v, ConstView grad_weight, View grad_g, View grad_v)>
    weight_norm_backward{"weight_norm_backward"};

// Throws a ShapeError unless v is [K, …] and g has one value per k.
void require_weight_norm(const Shape& g, const Shape& v);

}  // namespace cuunet
