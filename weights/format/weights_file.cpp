#include "weights/format/weights_file.h"

#include "kernels/device/error.h"
#include "weights/format/little_endian.h"

#include <algorithm>

namespace cuunet {
namespace {

std::string first_bytes(const MappedFile& file) {
  auto bytes = file.bytes().first(std::min<size_t>(file.bytes().size(), 64));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A length that the file can hold, and JSON behind it. Asked before all else: the length may begin as a pickle does
// (0x80), or as a zip archive ("PK").
bool is_safetensors(const std::string& begin, size_t file_size) {
  if (begin.size() <= 8 || begin[8] != '{') return false;
  return little_endian<uint64_t>(std::as_bytes(std::span(begin))) <= file_size - 8;
}

WeightsFormat format_of(const std::filesystem::path& path, const MappedFile& file) {
  std::string begin = first_bytes(file);
  auto refuse = [&](const char* what) { throw FileError("{}: not a checkpoint: {}", path.string(), what); };
  if (is_safetensors(begin, file.bytes().size())) return WeightsFormat::safetensors;
  if (begin.starts_with("PK")) return WeightsFormat::torch_zip;
  if (begin.starts_with('\x80')) return WeightsFormat::torch_legacy;
  if (begin.size() > 8 && begin[8] == '{') return WeightsFormat::safetensors;
  if (begin.starts_with("version ") && begin.find("git-lfs") != std::string::npos) {
    refuse("it is a Git LFS pointer; fetch the file itself with `git lfs pull`");
  }
  if (begin.empty()) refuse("it is empty");
  size_t text = begin.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (text != std::string::npos && begin[text] == '<') refuse("it looks like HTML; the download gave a web page");
  // ModelProto: ir_version, then the producer's name.
  if (begin.size() > 3 && begin[0] == '\x08' && begin[2] == '\x12') {
    refuse("it looks like an ONNX graph, which is written here but not read; take the weights it was made from");
  }
  if (path.extension() == ".safetensors") return WeightsFormat::safetensors;
  refuse("it is neither a file of torch.save (zip or legacy) nor safetensors");
  return WeightsFormat::safetensors;
}

}  // namespace

const char* name_of(WeightsFormat format) {
  switch (format) {
    case WeightsFormat::safetensors: return "safetensors";
    case WeightsFormat::torch_zip: return "PyTorch, zip";
    case WeightsFormat::torch_legacy: return "PyTorch, legacy";
  }
  return "?";
}

WeightsFile::WeightsFile(const std::filesystem::path& path) : path_(path) {
  MappedFile file(path);
  format_ = format_of(path, file);
  if (format_ == WeightsFormat::safetensors) {
    tensors_ = safetensors_.emplace(path, std::move(file)).tensors();
  } else {
    for (const TorchTensor& tensor : torch_.emplace(path, std::move(file)).tensors()) tensors_.push_back(tensor.stored);
  }
  for (size_t i = 0; i < tensors_.size(); ++i) by_name_.emplace(tensors_[i].name, i);
}

const StoredTensor* WeightsFile::find(std::string_view name) const {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &tensors_[found->second];
}

void WeightsFile::release(const StoredTensor& tensor) const {
  (safetensors_ ? safetensors_->file() : torch_->file()).release(tensor.bytes);
}

const std::map<std::string, std::string>& WeightsFile::metadata() const {
  static const std::map<std::string, std::string> none;
  return safetensors_ ? safetensors_->metadata() : none;
}

}  // namespace cuunet
