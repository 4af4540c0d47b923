// A file that torch.save wrote: the zip format of PyTorch 1.6 and later, or the older stream of pickles.
//
// The whole object is there as a tree of values, and its tensors as views of the mapped file: nothing is copied, and no
// tensor reaches beyond its storage, whatever the file says. A FileError names the file and the reason; nothing is
// loaded half. Python: torch.load(path, map_location="cpu", weights_only=True)
#pragma once

#include "engine/io/mapped_file.h"
#include "weights/format/pickle_value.h"
#include "weights/format/stored_tensor.h"

#include <filesystem>
#include <vector>

namespace cuunet {

struct TorchTensor {
  StoredTensor stored;         // named by keys and places from the root: "model.layers.0.0.weight"
  int64_t storage_offset = 0;  // elements
};

class TorchFile {
 public:
  explicit TorchFile(const std::filesystem::path& path) : TorchFile(path, MappedFile(path)) {}
  TorchFile(std::filesystem::path path, MappedFile file);

  const std::filesystem::path& path() const { return path_; }
  const MappedFile& file() const { return file_; }
  bool legacy() const { return legacy_; }
  const Pickle& object() const { return object_; }                      // its texts are views of the file
  const std::vector<TorchTensor>& tensors() const { return tensors_; }  // in the object's order; one may be there twice
  // Of object().tensors[i], without a name.
  const std::vector<StoredTensor>& views() const { return views_; }
  // Every other value that holds no values itself: numbers, text, empty lists, …
  struct Leaf {
    std::string name;
    PickleIndex value;
  };
  const std::vector<Leaf>& leaves() const { return leaves_; }
  // Of the leaves, what is known and harmless but was not kept: "rng: bytes".
  const std::vector<std::string>& skipped() const { return skipped_; }

 private:
  void read_zip();
  void read_legacy();
  void list_tensors();

  std::filesystem::path path_;
  MappedFile file_;
  bool legacy_ = false;
  Pickle object_;
  std::vector<StoredTensor> views_;
  std::vector<TorchTensor> tensors_;
  std::vector<Leaf> leaves_;
  std::vector<std::string> skipped_;
};

}  // namespace cuunet
