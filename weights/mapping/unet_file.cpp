#include "weights/mapping/unet_file.h"

#include "engine/tensor/dimensions.h"
#include "kernels/device/error.h"
#include "kernels/optim/all_finite.h"
#include "weights/mapping/file_state.h"
#include "weights/mapping/recognition.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace cuunet {
namespace {

using nlohmann::json;

const char* version_name(FastaiVersion version) { return version == FastaiVersion::v1_0_56 ? "1.0.56" : "1.0.61"; }

// A field that must be there and of the right type.
template <class T>
T field(const json& object, const char* name, const std::filesystem::path& file) {
  try {
    return object.at(name).get<T>();
  } catch (const json::exception& error) {
    throw FileError("{}: the metadata's '{}' has no usable field '{}': {}", file.string(), unet_metadata_key, name,
                    error.what());
  }
}

// A number of channels or pixels; the limits are far beyond any network, and keep a damaged file from asking for memory
// without end.
int64_t count_field(const json& object, const char* name, int64_t most, const std::filesystem::path& file) {
  auto count = field<int64_t>(object, name, file);
  if (count >= 1 && count <= most) return count;
  throw FileError("{}: the metadata's '{}' says {} is {}, expected 1 to {}; the file is damaged or not cuunet's",
                  file.string(), unet_metadata_key, name, count, most);
}

double decoder_width_field(const json& object, const std::filesystem::path& file) {
  auto width = field<double>(object, "decoder_width", file);
  if (width >= 0.1 && width <= 8) return width;
  throw FileError(
      "{}: the metadata's '{}' says decoder_width is {}, expected 0.1 to 8; the file is damaged or not cuunet's",
      file.string(), unet_metadata_key, width);
}

}  // namespace

std::string description_text(const UnetDescription& description) {
  const DynamicUnetOptions& o = description.options;
  json object{{"architecture", "dynamic_unet"},
              {"encoder", o.encoder},
              {"encoder_width", o.encoder_width},
              {"in_channels", o.in_channels},
              {"classes", o.classes},
              {"built_for", {o.built_for.first, o.built_for.second}},
              {"norm", name_of(o.norm)},
              {"blur", o.blur},
              {"blur_final", o.blur_final},
              {"self_attention", o.self_attention},
              {"last_cross", o.last_cross},
              {"bottleneck", o.bottleneck},
              {"fastai", version_name(o.fastai)},
              {"decoder", name_of(o.decoder)},
              {"decoder_width", o.decoder_width},
              {"trained_size", description.trained_size}};
  object["y_range"] = o.y_range ? json{o.y_range->first, o.y_range->second} : json(nullptr);
  return object.dump();
}

UnetDescription parse_description(const std::string& text, const std::filesystem::path& file) {
  json object = json::parse(text, nullptr, false);
  if (!object.is_object()) {
    throw FileError("{}: the metadata's '{}' is not a JSON object", file.string(), unet_metadata_key);
  }
  std::string architecture = field<std::string>(object, "architecture", file);
  if (architecture != "dynamic_unet") {
    throw FileError("{}: holds a network '{}', expected 'dynamic_unet'", file.string(), architecture);
  }
  UnetDescription description;
  DynamicUnetOptions& o = description.options;
  o.encoder = field<std::string>(object, "encoder", file);
  if (object.contains("encoder_width")) {
    o.encoder_width = count_field(object, "encoder_width", 512, file);
  }
  o.in_channels = count_field(object, "in_channels", 1024, file);
  o.classes = count_field(object, "classes", 1024, file);
  o.built_for = field<std::pair<int64_t, int64_t>>(object, "built_for", file);
  o.norm = norm_type_named(field<std::string>(object, "norm", file));
  o.blur = field<bool>(object, "blur", file);
  o.blur_final = field<bool>(object, "blur_final", file);
  o.self_attention = field<bool>(object, "self_attention", file);
  o.last_cross = field<bool>(object, "last_cross", file);
  o.bottleneck = field<bool>(object, "bottleneck", file);
  o.fastai = fastai_version_named(field<std::string>(object, "fastai", file));
  if (object.contains("decoder")) o.decoder = decoder_named(field<std::string>(object, "decoder", file));
  if (object.contains("decoder_width")) o.decoder_width = decoder_width_field(object, file);
  if (!object.contains("y_range") || !object["y_range"].is_null()) {
    o.y_range = field<std::pair<double, double>>(object, "y_range", file);
  }
  description.trained_size = field<int64_t>(object, "trained_size", file);
  return description;
}

void require_finite(Module& module, const std::filesystem::path& file) {
  std::vector<StateEntry> entries = module.state();
  std::erase_if(entries, [](const StateEntry& entry) { return entry.value.dtype() == DType::i64; });
  std::vector<ConstView> views;
  for (const StateEntry& entry : entries) views.push_back(entry.value.view());
  Context& context = module.placement().context;
  Tensor found = Tensor::zeros(context, {}, DType::i64);
  count_not_finite(context, views, found.view());
  if (found.item() == 0) return;
  for (const StateEntry& entry : entries) {
    for (double value : entry.value.to_host()) {
      if (!std::isfinite(value)) {
        throw FileError("{}: {} holds a value that is not finite ({}); the weights are damaged, take an earlier file",
                        file.string(), entry.name, value);
      }
    }
  }
}

std::string differences(const UnetDescription& found, const DynamicUnetOptions& expected) {
  json here = json::parse(description_text(found)), there = json::parse(description_text({expected, 0}));
  std::string text;
  for (const auto& [name, value] : there.items()) {
    if (name == "built_for" || name == "trained_size" || here.at(name) == value) continue;
    text += fmt::format("{}{} is {}, expected {}", text.empty() ? "" : ", ", name, here.at(name).dump(), value.dump());
  }
  return text;
}

UnetInFile find_unet(const WeightsFile& file) {
  auto text = file.metadata().find(unet_metadata_key);
  if (text != file.metadata().end()) return {parse_description(text->second, file.path()), "model.", true};
  auto found = recognise(shapes_of(file));
  if (!found || found->model != "dynamic_unet") {
    throw FileError("{}: holds {}, expected a U-Net; `cuunet inspect` lists what is in it", file.path().string(),
                    found ? description_of(*found) : "no known network");
  }
  if (found->odd_size) {
    throw FileError("{}: its U-Net was built for pictures of an odd size, which the file does not name",
                    file.path().string());
  }
  return {{found->unet, 0}, found->prefix, found->unet.decoder != Decoder::fastai};
}

std::string load_fitting(Module& module, const StateSource& source, Fit fit) {
  StateMismatch mismatch = load_state(module, source, fit == Fit::strict);
  if (mismatch.empty()) return "";
  if (mismatch.missing.size() + mismatch.misshapen.size() >= module.state().size()) {
    throw FileError("{} does not fit the model at all: {}", source.description(), mismatch.text());
  }
  return fmt::format("{}: loaded what fits; {}", source.description(), mismatch.text());
}

void load_to_run(Module& module, const StateSource& source, Fit fit, std::vector<std::string>& notes) {
  std::string left = load_fitting(module, source, fit);
  if (!left.empty()) notes.push_back(left);
  require_finite(module, source.description());
  module.set_training(false);
  module.set_trainable(false);
}

LoadedUnet load_unet(const Placement& placement, const std::filesystem::path& path, Fit fit) {
  return load_unet(placement, WeightsFile(path), fit);
}

LoadedUnet load_unet(const Placement& placement, const WeightsFile& file, Fit fit) {
  UnetInFile found = find_unet(file);
  LoadedUnet loaded{found.description, nullptr, {}};
  if (!found.described) {
    loaded.notes.push_back(fmt::format(
        "{}: names and shapes do not tell blur, y_range and fastai's version; taken as none, none and 1.0.61",
        file.path().string()));
  }
  loaded.network =
      std::make_unique<DynamicUnet>(outline(placement.context, placement.dtype), loaded.description.options);
  load_to_run(*loaded.network, FileState(file, found.prefix), fit, loaded.notes);
  return loaded;
}

StoredState::StoredState(Module& module, const std::string& prefix) {
  for (const StateEntry& entry : module.state()) {
    std::vector<int64_t> shape = dimensions_of(entry.value.shape());
    std::string name = prefix + entry.name;
    if (entry.value.dtype() == DType::i64) {
      std::vector<double> values = entry.value.to_host();
      integers_.emplace_back(values.begin(), values.end());
      tensors_.push_back(stored_tensor(name, shape, integers_.back()));
    } else if (entry.value.dtype() == DType::f64) {
      doubles_.push_back(entry.value.to_host());
      tensors_.push_back(stored_tensor(name, shape, doubles_.back()));
    } else {
      floats_.push_back(entry.value.to_host_f32());
      tensors_.push_back(stored_tensor(name, shape, floats_.back()));
    }
  }
}

void save_unet(DynamicUnet& network, int64_t trained_size, const std::filesystem::path& path) {
  StoredState state(network, "model.");
  write_safetensors(path, state.tensors(), {{unet_metadata_key, description_text({network.options(), trained_size})}});
}

}  // namespace cuunet
