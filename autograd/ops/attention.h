// Differentiable attention. Formulas and shapes: kernels/attention.
#pragma once

#include "autograd/tape/tape.h"

namespace cuunet {

// exp(x) / Σ exp(x) along a dimension: any of rank 1 to 3, 1 of [N, C, H, W]. PyTorch: torch.softmax(x, dim)
Var softmax(const Var& x, int dim);

// fastai's SelfAttention of x [N, C, H, W] with query and key weights [D, C, 1], value weights [C, C, 1] and one gamma:
// gamma · value · softmax(queryᵀ · key) + x, the softmax over the query's index.
Var self_attention(const Var& x, const Var& query_weight, const Var& key_weight, const Var& value_weight,
                   const Var& gamma);

}  // namespace cuunet
