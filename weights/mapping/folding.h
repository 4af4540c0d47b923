// Weight and spectral norm computed once and for all: of each normalised layer the one weight that it applies in eval
// mode, under the name "weight".
//
//   weight norm    w = g · v / |v|, the norm over all dimensions but g's own
//   spectral norm  w = weight_orig / (uᵀ W v), W: weight_orig with its output channels as rows
//
// Both PyTorch's old names (weight_g and weight_v; weight_orig, weight_u and weight_v) and
// torch.nn.utils.parametrizations'. PyTorch: torch.nn.utils.remove_weight_norm, remove_spectral_norm,
// parametrize.remove_parametrizations
#pragma once

#include "weights/format/owned_tensors.h"

#include <vector>

namespace cuunet {

// In the order of the tensors, each folded weight where its first part was. Computed in double, kept in the type of the
// part it replaces. Error: parts that don't fit each other.
std::vector<StoredTensor> fold_norms(const std::vector<StoredTensor>& tensors, OwnedTensors& owned);

}  // namespace cuunet
