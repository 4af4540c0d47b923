#include "weights/mapping/file_state.h"

#include "kernels/device/error.h"

namespace cuunet {

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

}  // namespace cuunet
