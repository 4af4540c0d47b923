// A DynamicUnet in a file. What cuunet saves is safetensors: the tensors by state-dict name, and in the metadata, under
// "cuunet.model", the options it was built with as JSON, so that the file is enough to use the network. Read is any
// file of weights.
#pragma once

#include "layers/models/dynamic_unet.h"
#include "layers/module/state_dict.h"
#include "weights/format/weights_file.h"

#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

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

// A U-Net somewhere in a file: saved by cuunet, which says what it is, or recognised by its names and shapes.
struct UnetInFile {
  UnetDescription description;
  std::string prefix;      // of its tensors
  bool described = false;  // or one of DeOldify's; else blur, y_range and fastai's version are guesses
};
// FileError: there is none.
UnetInFile find_unet(const WeightsFile& file);

// Strict: every tensor fits, or nothing is loaded and everything that doesn't is listed. Partial: what fits is loaded.
enum class Fit { strict, partial };

// The network of a file, in eval mode. FileErrors: no U-Net in it, tensors that don't fit, values that are not finite.
struct LoadedUnet {
  UnetDescription description;
  std::unique_ptr<DynamicUnet> network;
  std::vector<std::string> notes;  // what had to be assumed, what was left out
};
LoadedUnet load_unet(const Placement& placement, const std::filesystem::path& path, Fit fit = Fit::strict);
LoadedUnet load_unet(const Placement& placement, const WeightsFile& file, Fit fit = Fit::strict);

// Loads what fits; what doesn't as a line for the user, "" when all did. FileError: Fit::strict and something does not,
// or nothing fits.
std::string load_fitting(Module& module, const StateSource& source, Fit fit);

// The same, then as a network that only runs: in eval mode, nothing trainable. What was left out goes to the notes.
// FileError: also a value that is not finite.
void load_to_run(Module& module, const StateSource& source, Fit fit, std::vector<std::string>& notes);

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
