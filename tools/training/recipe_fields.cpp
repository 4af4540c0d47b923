#include "tools/training/recipe_fields.h"

#include "kernels/device/error.h"
#include "tools/text/nearest_word.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

// A value as the message shows it: short, on one line.
std::string shown(const nlohmann::json& value) {
  std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return text.size() > 60 ? text.substr(0, 57) + "..." : text;
}

std::string list(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, ", ")); }

}  // namespace

void throw_field(const std::string& source, const std::string& path, const std::string& expected,
                 const std::string& found) {
  throw UsageError("{}: {}: expected {}, found {}", source, path, expected, found);
}

RecipeFields::RecipeFields(const std::string& source, std::string path, const nlohmann::json& object)
    : source_(source), path_(std::move(path)), object_(object) {
  if (!object.is_object()) throw_field(source_, path_.empty() ? "the recipe" : path_, "an object {…}", shown(object));
}

const nlohmann::json* RecipeFields::find(const char* name) {
  known_.emplace_back(name);
  auto field = object_.find(name);
  return field == object_.end() ? nullptr : &*field;
}

bool RecipeFields::has(const char* name) { return object_.contains(name); }

void RecipeFields::fail(const char* name, const std::string& expected) const {
  throw_field(source_, path_of(name), expected, shown(object_.at(name)));
}

void RecipeFields::integer(const char* name, int& value, int low, int high) {
  const nlohmann::json* field = find(name);
  if (field == nullptr) return;
  bool whole = field->is_number_integer() && field->get<double>() >= low && field->get<double>() <= high;
  if (!whole) fail(name, fmt::format("a whole number from {} to {}", low, high));
  value = field->get<int>();
}

void RecipeFields::unsigned_integer(const char* name, uint64_t& value) {
  const nlohmann::json* field = find(name);
  if (field == nullptr) return;
  if (!field->is_number_unsigned()) fail(name, "a whole number of at least 0");
  value = field->get<uint64_t>();
}

void RecipeFields::number(const char* name, double& value, NumberRange range) {
  const nlohmann::json* field = find(name);
  if (field == nullptr) return;
  bool good = field->is_number();
  if (good) {
    double found = field->get<double>();
    good = std::isfinite(found) && found <= range.high && (range.low_allowed ? found >= range.low : found > range.low);
  }
  if (!good) {
    fail(name, fmt::format("a number {} {} and at most {}", range.low_allowed ? "of at least" : "above", range.low,
                           range.high));
  }
  value = field->get<double>();
}

void RecipeFields::boolean(const char* name, bool& value) {
  const nlohmann::json* field = find(name);
  if (field == nullptr) return;
  if (!field->is_boolean()) fail(name, "true or false");
  value = field->get<bool>();
}

void RecipeFields::text(const char* name, std::string& value) {
  const nlohmann::json* field = find(name);
  if (field == nullptr) return;
  if (!field->is_string()) fail(name, "a text");
  value = field->get<std::string>();
}

void RecipeFields::choice(const char* name, std::string& value, const std::vector<std::string>& choices) {
  const nlohmann::json* field = find(name);
  if (field == nullptr) return;
  if (!field->is_string()) fail(name, "one of " + list(choices));
  std::string word = field->get<std::string>();
  if (std::find(choices.begin(), choices.end(), word) == choices.end()) {
    std::string nearest = nearest_word(word, choices);
    std::string found = nearest.empty() ? shown(*field) : fmt::format("{}, did you mean '{}'?", shown(*field), nearest);
    throw_field(source_, path_of(name), "one of " + list(choices), found);
  }
  value = word;
}

bool RecipeFields::pair(const char* name, double& first, double& second) {
  const nlohmann::json* field = find(name);
  if (field == nullptr || field->is_null()) return false;
  bool good = field->is_array() && field->size() == 2 && (*field)[0].is_number() && (*field)[1].is_number();
  if (!good) fail(name, "two numbers [a, b]");
  first = (*field)[0].get<double>();
  second = (*field)[1].get<double>();
  return true;
}

void RecipeFields::object(const char* name, const std::function<void(RecipeFields&)>& read) {
  const nlohmann::json* field = find(name);
  if (field == nullptr) return;
  RecipeFields fields(source_, path_of(name), *field);
  read(fields);
  fields.finish();
}

void RecipeFields::finish() const {
  for (const auto& [name, value] : object_.items()) {
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    std::string nearest = nearest_word(name, known_);
    std::string hint = nearest.empty() ? fmt::format("the fields here are {}", list(known_))
                                       : fmt::format("did you mean '{}'?", nearest);
    throw UsageError("{}: {}: unknown field '{}', {}", source_, path_of(name), name, hint);
  }
}

}  // namespace cuunet
