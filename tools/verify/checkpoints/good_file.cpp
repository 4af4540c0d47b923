#include "kernels/device/error.h"
#include "tools/verify/checkpoints/checkpoints.h"
#include "tools/verify/named_values.h"
#include "weights/format/little_endian.h"
#include "weights/format/pickle_globals.h"
#include "weights/format/weights_file.h"

#include <fmt/ranges.h>

#include <bit>
#include <cmath>
#include <limits>

namespace cuunet {
namespace {

using Json = nlohmann::json;

std::string torch_name(StoredType type) {
  constexpr const char* names[] = {"float64", "float32", "float16", "bfloat16", "int64",
                                   "int32",   "int16",   "int8",    "uint8",    "bool"};
  return names[static_cast<size_t>(type)];
}

std::vector<int64_t> row_major_strides(const std::vector<int64_t>& shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * std::max<int64_t>(1, shape[i]);
  return strides;
}

double number(const Json& value) {
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (!value.is_string()) return value.get<double>();
  auto text = value.get<std::string>();
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  return std::stod(text);  // inf, -inf
}

bool same_bits(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

// 64-bit integers have more digits than a double.
std::string digits(const Json& value) {
  return value.is_string() ? value.get<std::string>() : std::to_string(value.get<int64_t>());
}

void compare_values(const std::string& name, const StoredTensor& tensor, const Json& values, Comparison& comparison) {
  if (values.size() != static_cast<size_t>(tensor.elements())) throw Error("{}: {} values listed", name, values.size());
  std::vector<std::byte> room;
  std::span<const std::byte> bytes = row_major(tensor, room);
  std::vector<double> found = to_doubles(tensor);
  for (size_t i = 0; i < found.size(); ++i) {
    bool same = same_bits(found[i], number(values[i]));
    std::string text = fmt::format("{}", found[i]);
    if (tensor.type == StoredType::i64) {
      text = std::to_string(little_endian<int64_t>(bytes, 8 * i));
      same = text == digits(values[i]);
    }
    comparison.fact(name, same, fmt::format("{}[{}]: expected {}, got {}", name, i, values[i].dump(), text));
  }
}

void compare_tensor(const Json& expected, const StoredTensor& tensor, int64_t offset, const Tolerance& tolerance,
                    Comparison& comparison) {
  auto name = expected.at("probe_key").get<std::string>();
  auto layout = [](const auto& type, const auto& shape, const auto& strides, int64_t begin) {
    return fmt::format("{} {} strides {} offset {}", type, shape, strides, begin);
  };
  auto shape = expected.at("shape").get<std::vector<int64_t>>();
  auto strides = expected.at("strides").get<std::vector<int64_t>>();
  // Where a stride leads nowhere, it is not kept.
  bool irrelevant = tensor.strides.empty() && tensor.elements() <= 1;
  auto found_strides = tensor.strides.empty() ? row_major_strides(tensor.shape) : tensor.strides;
  std::string wanted = layout(expected.at("dtype").get<std::string>(), shape, strides, expected.at("storage_offset"));
  std::string found = layout(torch_name(tensor.type), tensor.shape, irrelevant ? strides : found_strides, offset);
  comparison.fact(name, found == wanted, fmt::format("{}: expected {}, got {}", name, wanted, found));
  auto probes = probes_of(name, to_doubles(tensor));
  for (size_t i = 0; i < expected.at("probes").size(); ++i) {
    comparison.scalar(name, probes[i], expected["probes"][i].get<double>(), tolerance);
  }
  if (expected.contains("values")) compare_values(name, tensor, expected["values"], comparison);
}

const PickleValue* child(const Pickle& pickle, const PickleValue& parent, const Json& key) {
  std::string name = key.is_string() ? key.get<std::string>() : std::to_string(key.get<int64_t>());
  if (parent.kind != PickleKind::dict) {
    size_t place = key.is_string() ? parent.items.size() : key.get<size_t>();
    return place < parent.items.size() ? &pickle.at(parent.items[place]) : nullptr;
  }
  for (size_t i = 0; i < parent.items.size(); i += 2) {
    if (key_text(pickle, pickle.at(parent.items[i])) == name) return &pickle.at(parent.items[i + 1]);
  }
  return nullptr;
}

// As the case file writes a leaf's value, or its type.
std::string leaf_text(const PickleValue& leaf) {
  switch (leaf.kind) {
    case PickleKind::none: return "null";
    case PickleKind::boolean: return leaf.integer != 0 ? "true" : "false";
    case PickleKind::integer: return std::to_string(leaf.integer);
    case PickleKind::big_integer: return Json(big_integer_text(leaf.text)).dump();
    case PickleKind::real: return std::isinf(leaf.real) ? "\"inf\"" : Json(leaf.real).dump();
    case PickleKind::text: return Json(std::string(leaf.text)).dump();
    case PickleKind::tuple: return "Size";
    case PickleKind::set: return "set";
    case PickleKind::global: return leaf.global->name.find("float") != std::string_view::npos ? "dtype" : "name";
    case PickleKind::skipped: return std::string(leaf.text);
    default: return "a container";
  }
}

void compare_leaf(const Json& expected, const Pickle& pickle, Comparison& comparison) {
  const PickleValue* leaf = &pickle.at(pickle.root);
  for (const Json& key : expected.at("path")) leaf = leaf == nullptr ? nullptr : child(pickle, *leaf, key);
  std::string found = leaf == nullptr ? "nothing" : leaf_text(*leaf);
  std::string wanted = expected.contains("type") ? expected["type"].get<std::string>() : expected.at("value").dump();
  std::string name = "leaf " + expected.at("path").dump();
  comparison.fact(name, found == wanted, fmt::format("{}: expected {}, got {}", name, wanted, found));
}

}  // namespace

void run_good_file(const Case& one, Comparison& comparison) {
  const Json& json = one.json();
  WeightsFile file(one.folder() / json.at("file").get<std::string>());
  size_t listed = json.at("tensors").size();
  comparison.fact("number_of_tensors", file.tensors().size() == listed,
                  fmt::format("expected {} tensors, got {}", listed, file.tensors().size()));
  Tolerance tolerance{json.at("tolerance").at("atol").get<double>(), json.at("tolerance").at("rtol").get<double>()};
  for (const Json& expected : json.at("tensors")) {
    auto name = expected.at("probe_key").get<std::string>();
    const StoredTensor* tensor = file.find(name);
    if (tensor == nullptr) throw Error("{}: holds no tensor '{}'", file.path().string(), name);
    int64_t offset = 0;
    if (file.torch() != nullptr) {
      offset = file.torch()->tensors()[static_cast<size_t>(tensor - file.tensors().data())].storage_offset;
    }
    compare_tensor(expected, *tensor, offset, tolerance, comparison);
  }
  for (const Json& leaf : json.value("other_leaves", Json::array())) {
    compare_leaf(leaf, file.torch()->object(), comparison);
  }
}

}  // namespace cuunet
