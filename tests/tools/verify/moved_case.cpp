#include "tests/tools/verify/moved_case.h"

#include "tools/verify/case.h"
#include "tools/verify/tolerance.h"
#include "weights/format/safetensors.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>

namespace cuunet {

namespace fs = std::filesystem;
using Json = nlohmann::json;

Json json_of(const fs::path& file) {
  std::ifstream stream(file);
  return Json::parse(stream);
}

void write_json(const fs::path& file, const Json& contents) { std::ofstream(file) << contents; }

namespace {

// Each value by twice what the case allows it, or to the next one there is where nothing is allowed.
std::vector<double> moved(const Case& one, const std::string& tensor, std::vector<double> values, StoredType type,
                          DType precision) {
  Tolerance tolerance = tolerance_of(one, tensor, values, precision, DType::f32);
  for (double& value : values) {
    if (type != StoredType::f32) {
      value += value > 0 ? -1 : 1;
      continue;
    }
    auto stored = static_cast<float>(value + 2 * tolerance.at(value));
    value = stored != static_cast<float>(value) ? stored : std::nextafter(stored, 4 * stored + 1);
  }
  return values;
}

// Every number below: counts by one, others by twice what f64 is allowed of them.
void move_numbers(Json& numbers) {
  if (numbers.is_structured()) {
    for (Json& entry : numbers) move_numbers(entry);
  } else if (numbers.is_number_integer()) {
    numbers = numbers.get<int64_t>() + 1;
  } else if (numbers.is_number_float()) {
    double number = numbers;
    numbers = number == 0 ? f64_tolerance : number * (1 + 2 * f64_tolerance);
  }
}

void move_probes(Json& one, DType precision) {
  if (!one.contains("probes")) return;
  Case before("", "", "", one, nullptr);
  for (auto& [tensor, numbers] : one["probes"].items()) {
    for (size_t i = 0; i < 3; ++i) {
      double number = numbers[i], allowed = before.probe_tolerance(tensor)[i];
      // As in Comparison: in f64 a part of the number, or f32's roundings in double.
      if (precision == DType::f64) allowed = std::max(f64_tolerance * std::abs(number), allowed * 0x1p-29);
      numbers[i] = allowed > 0 ? number + 2 * allowed : number + f64_tolerance;
    }
  }
}

// What a step of a trajectory states besides numbers that a training step gives.
const std::set<std::string> not_results = {"step", "rtol", "float32_drift"};

void move_one(Json& one, DType precision) {
  move_probes(one, precision);
  if (one.contains("scalars")) move_numbers(one["scalars"]);
  // Lists are results; single numbers of these names are settings of an optimiser.
  for (const char* key : {"lr", "momentum", "left_after_the_last_step"}) {
    if (one.contains(key) && one[key].is_structured()) move_numbers(one[key]);
  }
  if (one.contains("raises")) one["raises"] = !one["raises"].get<bool>();
  if (one.contains("steps") && one["steps"].is_array()) {
    for (Json& step : one["steps"]) {
      for (auto& [name, number] : step.items()) {
        if (!not_results.contains(name)) move_numbers(number);
      }
    }
  }
  if (one.contains("state_dict") && one["state_dict"].is_array()) {
    for (const char* count : {"parameters", "entries"}) {
      if (one.contains(count)) move_numbers(one[count]);
    }
    for (Json& entry : one["state_dict"]) entry["shape"].push_back(1);
  }
  if (one.contains("entries") && one["entries"].is_array()) move_numbers(one["parameters"]);
}

// Which case a stored tensor belongs to: the one its name begins with, or the file's only one.
struct Owner {
  const Case& which;
  std::string tensor;
};

Owner owner_of(const std::map<std::string, Case>& cases, const std::string& stored) {
  for (const auto& [name, one] : cases) {
    if (stored.starts_with(name + "/")) return {one, stored.substr(name.size() + 1)};
  }
  return {cases.begin()->second, stored};
}

void write_moved_tensors(const fs::path& file, const fs::path& folder, DType precision) {
  SafetensorsFile stored(file);
  std::map<std::string, Case> cases;
  for (const Case& one : read_cases(fs::path(file).replace_extension("json"))) cases.emplace(one.name(), one);
  std::vector<std::vector<float>> floats;
  std::vector<std::vector<int64_t>> integers;
  floats.reserve(stored.tensors().size());
  integers.reserve(stored.tensors().size());
  std::vector<StoredTensor> changed;
  for (const StoredTensor& tensor : stored.tensors()) {
    Owner owner = owner_of(cases, tensor.name);
    if (owner.which.has_input(owner.tensor)) {
      changed.push_back(tensor);
      continue;
    }
    std::vector<double> values = moved(owner.which, owner.tensor, to_doubles(tensor), tensor.type, precision);
    if (tensor.type == StoredType::f32) {
      floats.emplace_back(values.begin(), values.end());
      changed.push_back(stored_tensor(tensor.name, tensor.shape, floats.back()));
    } else {
      integers.emplace_back(values.begin(), values.end());
      changed.push_back(stored_tensor(tensor.name, tensor.shape, integers.back()));
    }
  }
  write_safetensors(folder / file.filename(), changed);
}

}  // namespace

void write_moved(const fs::path& file, const fs::path& folder, DType precision) {
  Json contents = json_of(file);
  if (contents.contains("cases")) {
    // Where an engine may raise or not there is nothing to get wrong.
    std::erase_if(contents["cases"].get_ref<Json::array_t&>(),
                  [](const Json& one) { return one.value("why", "").find("may refuse") != std::string::npos; });
    for (Json& one : contents["cases"]) move_one(one, precision);
  } else {
    move_one(contents, precision);
  }
  write_json(folder / file.filename(), contents);
  fs::path tensors = fs::path(file).replace_extension("safetensors");
  if (fs::exists(tensors)) write_moved_tensors(tensors, folder, precision);
}

}  // namespace cuunet
