// The tensors of any file of weights as a source for load_state.
#pragma once

#include "layers/module/state_dict.h"
#include "weights/format/weights_file.h"

#include <string>

namespace cuunet {

// `prefix` is taken off the names, other names are left out.
class FileState final : public StateSource {
 public:
  explicit FileState(const WeightsFile& file, std::string prefix = "") : file_(file), prefix_(std::move(prefix)) {}

  std::string description() const override { return file_.path().string(); }
  std::vector<std::string> names() const override;
  Shape shape(const std::string& name) const override;  // FileError: more than four dimensions
  std::vector<double> values(const std::string& name) const override;
  // Straight from the mapped bytes where they are f32 or f64; the file's pages are given back part by part.
  void load(const std::string& name, Tensor& tensor) const override;

 private:
  const StoredTensor& at(const std::string& name) const;

  const WeightsFile& file_;
  std::string prefix_;
};

}  // namespace cuunet
