#include "tools/conversion/conversion.h"

#include "kernels/device/error.h"
#include "weights/format/owned_tensors.h"
#include "weights/format/torch_writer.h"
#include "weights/format/weights_file.h"
#include "weights/mapping/folding.h"
#include "weights/mapping/recognition.h"
#include "weights/mapping/unet_file.h"

#include <algorithm>
#include <array>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

using Metadata = std::map<std::string, std::string>;

bool becomes_safetensors(const fs::path& out) {
  constexpr std::array torch{".pth", ".pt", ".ckpt", ".bin", ".tar"};
  std::string ending = out.extension().string();
  if (ending == ".safetensors") return true;
  if (std::find(torch.begin(), torch.end(), ending) != torch.end()) return false;
  throw UsageError(
      "{}: the ending says the format: .safetensors, .onnx, or .pth, .pt, .ckpt, .bin or .tar for PyTorch's",
      out.string());
}

class Conversion {
 public:
  Conversion(const fs::path& in, const fs::path& out, const ConversionOptions& options)
      : file_(in), out_(out), options_(options), safetensors_(becomes_safetensors(out)) {}

  ConversionReport run() {
    bool whole = !options_.fold && !options_.model && options_.only.empty();
    if (whole && !safetensors_ && file_.torch() != nullptr)
      write_object(*file_.torch());
    else
      write_tensors();
    return report_;
  }

 private:
  std::vector<StoredTensor> cast(std::vector<StoredTensor> tensors) {
    for (StoredTensor& tensor : tensors) {
      if (options_.type) tensor = owned_.cast(tensor, *options_.type);
      report_.bytes += static_cast<uint64_t>(tensor.elements()) * size_of(tensor.type);
    }
    report_.tensors = tensors.size();
    return tensors;
  }

  void write_object(const TorchFile& torch) {
    report_.left_out = torch.skipped();
    write_torch(out_, torch.object(), cast(torch.views()), options_.existing);
  }

  std::string prefix() const {
    if (!options_.model) return options_.only;
    if (file_.metadata().contains(unet_metadata_key)) return find_unet(file_).prefix;
    auto network = recognise(shapes_of(file_));
    if (!network) {
      throw FileError("{}: holds no network that is known; --only PREFIX picks tensors by their names",
                      file_.path().string());
    }
    return network->prefix;
  }

  std::vector<StoredTensor> picked(const std::string& prefix, bool keep_prefix) const {
    std::vector<StoredTensor> tensors;
    for (StoredTensor tensor : file_.tensors()) {
      if (!tensor.name.starts_with(prefix)) continue;
      if (!keep_prefix) tensor.name.erase(0, prefix.size());
      tensors.push_back(std::move(tensor));
    }
    if (tensors.empty()) throw FileError("{}: holds no tensor '{}…'", file_.path().string(), prefix);
    return tensors;
  }

  // The description of a network of ours goes with its names; one that has lost its norms is described anew.
  Metadata metadata(bool ours_as_it_is) {
    Metadata kept;
    for (const auto& [key, value] : file_.metadata()) {
      bool description = key == unet_metadata_key;
      bool stays = safetensors_ && (description ? ours_as_it_is : !options_.model && options_.only.empty());
      if (!stays || (description && options_.fold && !describe_folded(value, kept))) {
        report_.left_out.push_back("metadata " + key);
      } else {
        kept.emplace(key, value);
      }
    }
    return kept;
  }

  bool describe_folded(const std::string& text, Metadata& kept) {
    UnetDescription description = parse_description(text, file_.path());
    DynamicUnetOptions& options = description.options;
    // Self-attention always has spectral norm here, and fastai's default leaves batch norm beside what was folded.
    if (options.self_attention || options.norm == NormType::omitted) return false;
    if (options.norm == NormType::weight || options.norm == NormType::spectral) options.norm = NormType::none;
    kept[unet_metadata_key] = description_text(description);
    return true;
  }

  void write_tensors() {
    std::string begin = prefix();
    bool ours = file_.metadata().contains(unet_metadata_key) && safetensors_ && options_.only.empty();
    std::vector<StoredTensor> tensors = picked(begin, ours && options_.model);
    Metadata kept = metadata(ours);
    if (tensors.size() < file_.tensors().size()) {
      report_.left_out.push_back(fmt::format("{} other tensors", file_.tensors().size() - tensors.size()));
    }
    if (file_.torch() != nullptr && !file_.torch()->leaves().empty()) {
      report_.left_out.push_back(fmt::format("{} values that are no tensors", file_.torch()->leaves().size()));
    }
    if (options_.fold) tensors = fold_norms(tensors, owned_);
    tensors = cast(std::move(tensors));
    if (safetensors_)
      write_safetensors(out_, std::move(tensors), kept, options_.existing);
    else
      write_torch(out_, tensors, options_.existing);
  }

  WeightsFile file_;
  fs::path out_;
  ConversionOptions options_;
  bool safetensors_;
  OwnedTensors owned_;
  ConversionReport report_;
};

}  // namespace

ConversionReport convert(const fs::path& in, const fs::path& out, const ConversionOptions& options) {
  becomes_safetensors(out);
  refuse_existing(out, options.existing);
  return Conversion(in, out, options).run();
}

}  // namespace cuunet
