// safetensors: a little-endian u64 header length, a JSON object {name: {dtype, shape, data_offsets}}, then the data.
// Reading maps the file and believes nothing: lengths, offsets, shapes and types are checked against each other and
// the file's size before any use; the tensors' ranges must tile the data exactly. What fails is a FileError.
#pragma once

#include "engine/io/atomic_file.h"
#include "engine/io/mapped_file.h"
#include "weights/format/stored_tensor.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace cuunet {

class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path) : SafetensorsFile(path, MappedFile(path)) {}
  SafetensorsFile(std::filesystem::path path, MappedFile file);

  const std::filesystem::path& path() const { return path_; }
  const MappedFile& file() const { return file_; }
  const std::vector<StoredTensor>& tensors() const { return tensors_; }             // in the order of their data
  const std::map<std::string, std::string>& metadata() const { return metadata_; }  // "__metadata__"
  const StoredTensor* find(std::string_view name) const;                            // null when it is not there
  const StoredTensor& at(std::string_view name) const;                              // FileError when it is not there

 private:
  std::filesystem::path path_;
  MappedFile file_;
  std::vector<StoredTensor> tensors_;
  std::map<std::string, std::string> metadata_;
};

// Writes atomically, wider element types first (so that mapped data is aligned), else in the given order.
// Error: two tensors of one name, or bytes that don't fit the shape. FileError: what AtomicFile says.
void write_safetensors(const std::filesystem::path& path, std::vector<StoredTensor> tensors,
                       const std::map<std::string, std::string>& metadata = {}, Existing existing = Existing::replace);

}  // namespace cuunet
