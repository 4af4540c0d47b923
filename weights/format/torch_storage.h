// The storages of a PyTorch file, and tensors as views of them.
#pragma once

#include "weights/format/pickle_value.h"
#include "weights/format/stored_tensor.h"
#include "weights/format/zip_archive.h"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cuunet {

// The bytes of every storage of a pickle, in its order. FileErrors begin with `where`.
using StorageBytes = std::vector<std::span<const std::byte>>;

// Zip: record "<folder>/data/<key>" of exactly the storage's size, its CRC compared.
StorageBytes zip_storages(const ZipArchive& archive, const std::string& folder, const Pickle& pickle,
                          const std::string& where);

// Legacy: behind the pickles, for each of `keys` an int64 count of elements and then the elements.
StorageBytes stream_storages(std::span<const std::byte> stream, const std::vector<std::string_view>& keys,
                             const Pickle& pickle, const std::string& where);

// Every tensor of the pickle as a view of its storage: within it, and logically no larger than `most_bytes`.
std::vector<StoredTensor> tensor_views(const Pickle& pickle, const StorageBytes& storages, uint64_t most_bytes,
                                       const std::string& where);

}  // namespace cuunet
