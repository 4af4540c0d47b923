#include "tools/inspection/inspection.h"

#include "engine/device/host_context.h"
#include "weights/format/pickle_globals.h"
#include "weights/format/weights_file.h"
#include "weights/mapping/file_state.h"
#include "weights/mapping/recognition.h"
#include "weights/mapping/unet_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cuunet {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t longest_value = 200;  // of a text, in characters
constexpr size_t listed_values = 40;   // on the terminal

std::string shortened(std::string_view text) {
  if (text.size() <= longest_value) return std::string(text);
  size_t end = longest_value;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) --end;  // between characters
  return std::string(text.substr(0, end)) + "…";
}

Json value_of(const PickleValue& value) {
  switch (value.kind) {
    case PickleKind::none: return nullptr;
    case PickleKind::boolean: return value.integer != 0;
    case PickleKind::integer: return value.integer;
    case PickleKind::big_integer: return big_integer_text(value.text);
    case PickleKind::real: return std::isfinite(value.real) ? Json(value.real) : Json(fmt::format("{}", value.real));
    case PickleKind::text: return shortened(value.text);
    case PickleKind::dict: return Json::object();
    case PickleKind::global: return value.global->text();
    default: return Json::array();
  }
}

void add_values(const TorchFile& file, Json& inspection) {
  inspection["values"] = Json::object();
  for (const TorchFile::Leaf& leaf : file.leaves()) {
    inspection["values"][leaf.name] = value_of(file.object().at(leaf.value));
  }
  inspection["skipped"] = file.skipped();
}

// What cuunet saved says itself what it is; else the names and shapes do.
std::optional<RecognisedNetwork> network_in(const WeightsFile& file) {
  if (!file.metadata().contains(unet_metadata_key)) return recognise(shapes_of(file));
  UnetInFile found = find_unet(file);
  return RecognisedNetwork{.model = "dynamic_unet", .prefix = found.prefix, .unet = found.description.options};
}

Json network_of(const WeightsFile& file) {
  auto network = network_in(file);
  bool recognised = network.has_value();
  if (!recognised) network = nearest_network(shapes_of(file));
  if (!network) return nullptr;
  HostContext context({.threads = 1});
  std::unique_ptr<Module> module = build_recognised(outline(context), *network);
  StateMismatch mismatch = compare_state(*module, FileState(file, network->prefix));
  return {{"description", description_of(*network)},
          {"recognised", recognised},
          {"model", network->model},
          {"prefix", network->prefix},
          {"fits", mismatch.empty()},
          {"missing", mismatch.missing},
          {"unexpected", mismatch.unexpected},
          {"misshapen", mismatch.misshapen}};
}

std::string list_text(const char* what, const Json& names) {
  std::string text = names.empty() ? "" : fmt::format("  {} {}:\n", names.size(), what);
  for (const auto& name : names) text += fmt::format("    {}\n", name.get<std::string>());
  return text;
}

std::string network_text(const Json& network) {
  if (network.is_null()) return "network: none that is known\n";
  auto prefix = network.at("prefix").get<std::string>();
  std::string text = fmt::format("network: {}{}{}\n", network.at("recognised") ? "" : "none that is known; nearest is ",
                                 network.at("description").get<std::string>(),
                                 prefix.empty() ? "" : fmt::format(", under \"{}\"", prefix));
  if (network.at("fits")) return text + "  every tensor fits\n";
  return text + list_text("missing", network.at("missing")) + list_text("unexpected", network.at("unexpected")) +
         list_text("of another shape", network.at("misshapen"));
}

std::string entries_text(const char* title, const Json& entries) {
  if (entries.empty()) return "";
  std::string text = fmt::format("{}:\n", title);
  size_t listed = 0;
  for (const auto& [name, value] : entries.items()) {
    if (listed++ == listed_values) {
      return text + fmt::format("  … and {} more; --json lists all\n", entries.size() - listed_values);
    }
    text += fmt::format("  {}: {}\n", name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text;
}

}  // namespace

Json inspect(const std::filesystem::path& path) {
  WeightsFile file(path);
  Json tensors = Json::array();
  int64_t numbers = 0;
  uint64_t bytes = 0;
  for (const StoredTensor& tensor : file.tensors()) {
    tensors.push_back({{"name", tensor.name}, {"dtype", name_of(tensor.type)}, {"shape", tensor.shape}});
    numbers += tensor.elements();
    bytes += static_cast<uint64_t>(tensor.elements()) * size_of(tensor.type);
  }
  Json inspection{{"file", path.string()}, {"format", name_of(file.format())}, {"tensors", tensors}};
  inspection["total"] = {{"tensors", tensors.size()}, {"numbers", numbers}, {"bytes", bytes}};
  inspection["metadata"] = Json::object();
  for (const auto& [key, value] : file.metadata()) inspection["metadata"][key] = shortened(value);
  if (file.torch() != nullptr) add_values(*file.torch(), inspection);
  inspection["network"] = network_of(file);
  return inspection;
}

std::string inspection_text(const Json& inspection) {
  size_t widest = 0;
  for (const auto& tensor : inspection.at("tensors")) {
    widest = std::max(widest, tensor.at("name").get_ref<const std::string&>().size());
  }
  const auto& total = inspection.at("total");
  std::string text =
      fmt::format("{}: {}; {} tensors, {} numbers, {:.1f} MB\n", inspection.at("file").get<std::string>(),
                  inspection.at("format").get<std::string>(), total.at("tensors").get<size_t>(),
                  total.at("numbers").get<int64_t>(), static_cast<double>(total.at("bytes").get<uint64_t>()) / 1e6);
  for (const auto& tensor : inspection.at("tensors")) {
    text += fmt::format("  {:<{}}  {:<4}  {}\n", tensor.at("name").get<std::string>(), std::min<size_t>(widest, 70),
                        tensor.at("dtype").get<std::string>(), tensor.at("shape").dump());
  }
  text += entries_text("metadata", inspection.at("metadata"));
  if (inspection.contains("values")) text += entries_text("other values", inspection.at("values"));
  for (const auto& name : inspection.value("skipped", Json::array())) {
    text += fmt::format("not kept: {}\n", name.get<std::string>());
  }
  return text + network_text(inspection.at("network"));
}

}  // namespace cuunet
