// Writes a tree of values as a pickle of protocol 2, in the form that PyTorch's restricted loader reads.
#pragma once

#include "weights/format/pickle_value.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cuunet {

// Where a tensor's elements are saved, all of them and in row-major order.
struct SavedStorage {
  std::string key;  // of the record "data/<key>"
  StoredType type;
  std::vector<int64_t> shape;
};

// `storages` are those of the pickle's tensors, in their order. Every dictionary becomes a plain dict. What was skipped
// in reading is left out of dictionaries and is None elsewhere.
std::string write_pickle(const Pickle& pickle, const std::vector<SavedStorage>& storages);

}  // namespace cuunet
