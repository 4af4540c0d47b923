#include "weights/mapping/file_state.h"

#include "engine/tensor/host_values.h"
#include "kernels/device/error.h"

#include <algorithm>

namespace cuunet {
namespace {

constexpr int64_t part_bytes = 16 << 20;

// The mapped bytes as numbers, where they may be used as they lie there.
template <class T>
const T* numbers(const StoredTensor& tensor) {
  bool usable = tensor.type == stored_type_of<T> && tensor.strides.empty() &&
                reinterpret_cast<uintptr_t>(tensor.bytes.data()) % alignof(T) == 0;
  return usable ? reinterpret_cast<const T*>(tensor.bytes.data()) : nullptr;
}

void load_whole(const StoredTensor& stored, Tensor& tensor) {
  auto count = static_cast<size_t>(stored.elements());
  bool floats = stored.type == StoredType::f32 || stored.type == StoredType::f16 || stored.type == StoredType::bf16;
  if (const float* values = numbers<float>(stored)) return assign(tensor, std::span(values, count));
  if (const double* values = numbers<double>(stored)) return tensor.assign(std::span(values, count));
  if (floats) return assign(tensor, to_floats(stored));
  tensor.assign(to_doubles(stored));
}

}  // namespace

std::vector<std::string> FileState::names() const {
  std::vector<std::string> names;
  for (const StoredTensor& tensor : file_.tensors()) {
    if (tensor.name.starts_with(prefix_)) names.push_back(tensor.name.substr(prefix_.size()));
  }
  return names;
}

const StoredTensor& FileState::at(const std::string& name) const {
  const StoredTensor* tensor = file_.find(prefix_ + name);
  if (tensor == nullptr) throw FileError("{}: holds no tensor '{}'", description(), prefix_ + name);
  return *tensor;
}

Shape FileState::shape(const std::string& name) const {
  const StoredTensor& tensor = at(name);
  if (tensor.shape.size() > Shape::max_rank) {
    throw FileError("{}: {} has {} dimensions; expected at most {}", description(), prefix_ + name, tensor.shape.size(),
                    Shape::max_rank);
  }
  return Shape(tensor.shape);
}

std::vector<double> FileState::values(const std::string& name) const {
  const StoredTensor& tensor = at(name);
  std::vector<double> values = to_doubles(tensor);
  file_.release(tensor);  // else the file's pages would stay beside the network's memory
  return values;
}

void FileState::load(const std::string& name, Tensor& tensor) const {
  StoredTensor part = at(name);
  int64_t rows = part.shape.empty() ? 0 : part.shape[0];
  bool whole = part.shape.size() != 4 || !part.strides.empty() || rows == 0;
  auto row_bytes = whole ? 0 : static_cast<int64_t>(part.bytes.size()) / rows;
  int64_t at_once = row_bytes == 0 ? rows : std::max<int64_t>(1, part_bytes / row_bytes);
  if (whole || at_once >= rows) {
    load_whole(part, tensor);
    return file_.release(part);
  }
  std::span<const std::byte> bytes = part.bytes;
  for (int64_t begin = 0; begin < rows; begin += at_once) {
    int64_t end = std::min(rows, begin + at_once);
    part.shape[0] = end - begin;
    part.bytes = bytes.subspan(static_cast<size_t>(begin * row_bytes), static_cast<size_t>((end - begin) * row_bytes));
    Tensor images = tensor.images(begin, end);
    load_whole(part, images);
    file_.release(part);
  }
}

}  // namespace cuunet
