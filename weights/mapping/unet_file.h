// A DynamicUnet in a safetensors file: its tensors by state-dict name, and in the metadata, under "cuunet.model", the
// options it was built with as JSON, so that a file is enough to use the network.
#pragma once

#include "layers/models/dynamic_unet.h"
#include "layers/module/state_dict.h"
#include "weights/format/safetensors.h"

#include <deque>
#include <filesystem>
#include <memory>
#include <string>

namespace cuunet {

// What a file says of its network.
struct UnetDescription {
  DynamicUnetOptions options;
  int64_t trained_size = 0;  // pixels of the short side that training last saw; 0: not known
};

inline constexpr const char* unet_metadata_key = "cuunet.model";

std::string description_text(const UnetDescription& description);  // JSON
// A FileError names the file and the field.
UnetDescription parse_description(const std::string& text, const std::filesystem::path& file);

// The tensors of a safetensors file as a source for load_state. `prefix` is taken off the names, other names are left
// out.
class SafetensorsState final : public StateSource {
 public:
  explicit SafetensorsState(const SafetensorsFile& file, std::string prefix = "")
      : file_(file), prefix_(std::move(prefix)) {}

  std::string description() const override { return file_.path().string(); }
  std::vector<std::string> names() const override;
  Shape shape(const std::string& name) const override;
  std::vector<double> values(const std::string& name) const override;

 private:
  const SafetensorsFile& file_;
  std::string prefix_;
};

// The network of a file, in eval mode. FileErrors: no description in the metadata, tensors that don't fit it, values
// that are not finite.
struct LoadedUnet {
  UnetDescription description;
  std::unique_ptr<DynamicUnet> network;
};
LoadedUnet load_unet(const Placement& placement, const std::filesystem::path& path);

// FileError: a value that is not finite; names the tensor.
void require_finite(Module& module, const std::filesystem::path& file);

// What a file says of its network and what was expected, where they differ: "encoder is "resnet18", expected
// "resnet34""; "" when nothing does. Sizes of pictures are not compared.
std::string differences(const UnetDescription& found, const DynamicUnetOptions& expected);

// Writes atomically. f32 for floats, i64 for counters.
void save_unet(DynamicUnet& network, int64_t trained_size, const std::filesystem::path& path);

// A module's tensors as a file stores them; the bytes are owned beside them.
class StoredState {
 public:
  StoredState(Module& module, const std::string& prefix);
  const std::vector<StoredTensor>& tensors() const { return tensors_; }

 private:
  std::deque<std::vector<float>> floats_;
  std::deque<std::vector<double>> doubles_;
  std::deque<std::vector<int64_t>> integers_;
  std::vector<StoredTensor> tensors_;
};

}  // namespace cuunet
