// A file of weights of any format that is read here, known by its first bytes and not by its name: safetensors, or what
// torch.save wrote.
#pragma once

#include "weights/format/safetensors.h"
#include "weights/format/torch_file.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cuunet {

enum class WeightsFormat : uint8_t { safetensors, torch_zip, torch_legacy };
const char* name_of(WeightsFormat format);

class WeightsFile {
 public:
  // FileError: what the formats' readers say, or what the file looks like instead (a web page, a Git LFS pointer).
  explicit WeightsFile(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  WeightsFormat format() const { return format_; }
  // Under their full names, in the file's order; of a PyTorch file every tensor of the object, wherever it is.
  const std::vector<StoredTensor>& tensors() const { return tensors_; }
  const StoredTensor* find(std::string_view name) const;  // null when it is not there
  // The memory of a tensor that has been read for the last time.
  void release(const StoredTensor& tensor) const;
  // safetensors only.
  const std::map<std::string, std::string>& metadata() const;
  const TorchFile* torch() const { return torch_ ? &*torch_ : nullptr; }

 private:
  std::filesystem::path path_;
  WeightsFormat format_;
  std::optional<SafetensorsFile> safetensors_;
  std::optional<TorchFile> torch_;
  std::vector<StoredTensor> tensors_;
  std::map<std::string_view, size_t> by_name_;
};

}  // namespace cuunet
