// Weights from one file into another: the command `cuunet convert`.
#pragma once

#include "engine/io/atomic_file.h"
#include "weights/format/stored_tensor.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cuunet {

struct ConversionOptions {
  std::optional<StoredType> type;  // of floating-point tensors; else as they are
  bool fold = false;               // weight and spectral norm, see fold_norms
  bool model = false;              // only the network, without optimiser and counters, under its own names
  std::string only;                // only tensors whose names begin so, without that beginning
  Existing existing = Existing::refuse;
};

struct ConversionReport {
  size_t tensors = 0;
  uint64_t bytes = 0;                 // of the tensors
  std::vector<std::string> left_out;  // what the other format or the options have no place for
};

// The ending of `out` says the format: .safetensors, or .pth, .pt, .ckpt, .bin, .tar for torch.save's zip format. From
// PyTorch to PyTorch the whole object stays what it is, unless options pick tensors out of it. FileError: reading and
// writing; no network to pick, no tensor left. UsageError: another ending.
ConversionReport convert(const std::filesystem::path& in, const std::filesystem::path& out,
                         const ConversionOptions& options);

}  // namespace cuunet
