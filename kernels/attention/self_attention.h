// fastai's self-attention, after its three 1×1 convolutions. Positions i, j run over the L = H·W pixels.
//
// attention[i,j] = exp(Σ_d query[d,i] · key[d,j]) / Σ_i exp(…)     softmax over i, the query's index; no 1/√D
// y[c,j] = gamma · Σ_i value[c,i] · attention[i,j] + x[c,j]
// with T[i,j] = Σ_c value[c,i] · grad_y[c,j], t[j] = Σ_i attention[i,j] · T[i,j]
// and  E[i,j] = gamma · attention[i,j] · (T[i,j] - t[j]):
// grad_query[d,i] = Σ_j E[i,j] · key[d,j]             grad_value[c,i] = gamma · Σ_j attention[i,j] · grad_y[c,j]
// grad_key[d,j]   = Σ_i E[i,j] · query[d,i]           grad_gamma      = Σ_j t[j]
// grad_x = grad_y, besides what comes back through the convolutions.
// PyTorch: x + gamma · bmm(value, softmax(bmm(queryᵀ, key), dim=1)); Zhang et al. 2018
//
// query, key: [N, D, H, W], value, x, y: [N, C, H, W], f32, bf16 or f64; gamma: [1] f32 (f64 with f64).
// The L×L matrix is held a block of columns at a time. An empty gradient is not wanted.
#pragma once

#include "kernels/device/operator.h"

namespace cuunet {

struct SelfAttentionInputs {
  ConstView query, key, value, gamma;
};
struct SelfAttentionGradients {
  View query, key, value, gamma;
};

// Throws a ShapeError where the operands don't fit.
void require_self_attention(const SelfAttentionInputs&, const Shape& x);

inline constinit Operator<void(Context&, const SelfAttentionInputs&, ConstView x, View y)> self_attention_forward{
    "self_attention_forward"};
inline constinit Operator<void(Context&, const SelfAttentionInputs&, ConstView grad_y, const SelfAttentionGradients&)>
    self_attention_backward{"self_attention_backward"};

}  // namespace cuunet
