#include "tools/verify/case.h"

#include "kernels/device/error.h"
#include "tools/verify/named_values.h"
#include "weights/format/safetensors.h"

#include <fstream>

namespace cuunet {
namespace {

using Json = nlohmann::json;

// Of a shape, or of {"shape": …}.
int64_t elements_of(const Json& description) {
  const Json& shape = description.is_object() ? description.at("shape") : description;
  int64_t product = 1;
  for (const Json& dimension : shape) product *= dimension.get<int64_t>();
  return product;
}

// How many numbers stand in a scalar entry: 1, or the leaves of a list or object.
int64_t leaves_of(const Json& value) {
  if (!value.is_structured()) return 1;
  int64_t count = 0;
  for (const Json& part : value) count += leaves_of(part);
  return count;
}

std::array<double, 3> three_numbers(const Json& list) {
  return {list.at(0).get<double>(), list.at(1).get<double>(), list.at(2).get<double>()};
}

Json parsed(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw FileError("{}: cannot be read", file.string());
  try {
    return Json::parse(stream);
  } catch (const Json::exception& error) {
    throw FileError("{}: not a JSON file ({})", file.string(), error.what());
  }
}

}  // namespace

ExpectedTensors::ExpectedTensors(std::filesystem::path case_file)
    : path_(std::move(case_file.replace_extension("safetensors"))) {}
ExpectedTensors::~ExpectedTensors() = default;

std::optional<std::vector<double>> ExpectedTensors::find(const std::string& key) {
  if (!file_) {
    if (!std::filesystem::exists(path_)) return std::nullopt;
    file_ = std::make_unique<SafetensorsFile>(path_);
  }
  const StoredTensor* tensor = file_->find(key);
  if (tensor == nullptr) return std::nullopt;
  return to_doubles(*tensor);
}

Case::Case(std::string family, std::string name, std::string prefix, Json description,
           std::shared_ptr<ExpectedTensors> expected)
    : family_(std::move(family)),
      name_(std::move(name)),
      prefix_(std::move(prefix)),
      json_(std::move(description)),
      expected_(std::move(expected)) {}

bool Case::has_input(const std::string& input) const {
  return json_.contains("inputs") && json_["inputs"].contains(input);
}

const Json& Case::input(const std::string& name) const {
  if (!has_input(name)) throw Error("{} has no input '{}'", title(), name);
  return json_["inputs"][name];
}

std::vector<int64_t> Case::input_shape(const std::string& name) const {
  return input(name).at("shape").get<std::vector<int64_t>>();
}

std::vector<float> Case::input_values(const std::string& listed, const std::string& name) const {
  const Json& entry = input(listed);
  auto transform = entry.at("transform").get<std::string>();
  if (!transform.starts_with("stored in the safetensors")) {
    return cuunet::input_values(name_ + "/" + name, transform, elements_of(entry.at("shape")), salt());
  }
  auto stored = expected(name);
  if (!stored) throw Error("{}: the safetensors file has no '{}'", title(), name);
  return {stored->begin(), stored->end()};
}

std::optional<std::array<double, 3>> Case::probes(const std::string& tensor) const {
  if (!json_.contains("probes") || !json_["probes"].contains(tensor)) return std::nullopt;
  return three_numbers(json_["probes"][tensor]);
}

std::array<double, 3> Case::probe_tolerance(const std::string& tensor) const {
  if (json_.contains("probe_tolerance")) return three_numbers(json_["probe_tolerance"].at(tensor));
  if (json_.at("tolerance").contains("probe_atol")) {
    double allowed = json_["tolerance"]["probe_atol"].at(tensor);
    return {allowed, allowed, allowed};
  }
  // By groups, relative to the expected L2 norm: "probes/grad", "probes/after-running", "probes/after-uv".
  auto ends = [&](const char* ending) { return tensor.ends_with(ending); };
  std::string group = "probes/" + tensor.substr(0, tensor.find('/'));
  if (ends("running_mean") || ends("running_var")) group += "-running";
  if (tensor.starts_with("after/") && (ends("weight_u") || ends("weight_v"))) group += "-uv";
  const Json& tolerance = json_.at("tolerance").at(group);
  double norm = json_.at("probes").at(tensor).at(1);
  auto allowed = three_numbers(tolerance.at("rtol"));
  for (double& number : allowed) number = number * norm + tolerance.at("atol").get<double>();
  return allowed;
}

std::vector<Case::Listed> Case::listed() const {
  std::vector<Listed> all;
  auto object = [&](const char* key) { return json_.value(key, Json::object()); };
  Json outputs = object("outputs"), probed = object("probes"), scalars = object("scalars");
  for (const auto& [name, shape] : outputs.items()) {
    if (expected(name) || !probed.contains(name)) all.push_back({name, elements_of(shape)});
  }
  for (const auto& [name, numbers] : probed.items()) all.push_back({name, leaves_of(numbers)});
  for (const auto& [name, numbers] : scalars.items()) all.push_back({name, leaves_of(numbers)});
  return all;
}

std::vector<Case> read_cases(const std::filesystem::path& file) {
  Json contents = parsed(file);
  std::string stem = file.stem().string();
  std::filesystem::path parent = std::filesystem::weakly_canonical(file).parent_path();
  std::string folder = parent.filename().string();
  std::string family = contents.value("family", folder);
  auto expected = std::make_shared<ExpectedTensors>(file);
  std::vector<Case> cases;
  if (contents.contains("files")) {
    family = contents.value("family", parent.parent_path().filename().string());
    for (const Json& entry : contents["files"]) {
      std::string name = folder + "/" + entry.at("file").get<std::string>();
      cases.emplace_back(family, name, "", entry, expected);
    }
    return cases;
  }
  if (contents.contains("name") || !contents.contains("cases")) {
    std::string name = contents.value("name", stem);
    cases.emplace_back(family, name, "", std::move(contents), expected);
    return cases;
  }
  for (const Json& entry : contents["cases"]) {
    std::string name = entry.value("name", fmt::format("{}/{}", stem, cases.size()));
    cases.emplace_back(family, name, name + "/", entry, expected);
  }
  return cases;
}

}  // namespace cuunet
