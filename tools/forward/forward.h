// One forward pass of any network in a file, from named tensors to named tensors: the command `cuunet forward`.
#pragma once

#include "engine/io/atomic_file.h"
#include "weights/mapping/network_file.h"

namespace cuunet {

struct ForwardOptions {
  DType features = DType::f32;         // f64: everything in double
  std::vector<std::string> gradients;  // names of inputs or parameters
  uint64_t seed = 1;                   // of the projection
  Fit fit = Fit::strict;
  Existing existing = Existing::refuse;
};

struct ForwardReport {
  std::string network;
  std::vector<std::pair<std::string, std::string>> tensors;  // name, shape
  std::vector<std::string> notes;
};

// Runs the network in eval mode on the tensors of `in` that have the names of its inputs (see LoadedNetwork) and writes
// its outputs as safetensors, f32 (f64 in double). With gradients also
//   projection/<output>   r, uniform in [-1, 1), drawn by seed and name
//   grad/<name>           d(Σ output · r) / d(name), summed over the outputs
// PyTorch: output.backward(r)
// FileErrors: what load_network and the formats say, an input that is missing, of integers or without elements.
// UsageError: a gradient of something that the network does not have.
ForwardReport forward(Context& context, const std::filesystem::path& model, const std::filesystem::path& in,
                      const std::filesystem::path& out, const ForwardOptions& options);

// What gradients may be asked of: the inputs, then the parameters.
std::vector<std::string> differentiable_names(const LoadedNetwork& network);

}  // namespace cuunet
