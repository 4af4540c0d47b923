// Writes files that PyTorch reads: torch.load(path, weights_only=True). The zip format of PyTorch 1.6 and later.
#pragma once

#include "engine/io/atomic_file.h"
#include "weights/format/pickle_value.h"
#include "weights/format/stored_tensor.h"

#include <filesystem>
#include <span>
#include <vector>

namespace cuunet {

// The object of a file that was read, with `tensors` in place of the pickle's, in their order. Each is saved row-major;
// tensors that look at the same elements share one record. Atomically; FileError: what AtomicFile says.
void write_torch(const std::filesystem::path& path, const Pickle& object, std::span<const StoredTensor> tensors,
                 Existing existing = Existing::replace);

// A state dict: the tensors by their names, in the given order. Error: two of one name.
void write_torch(const std::filesystem::path& path, std::span<const StoredTensor> tensors,
                 Existing existing = Existing::replace);

}  // namespace cuunet
