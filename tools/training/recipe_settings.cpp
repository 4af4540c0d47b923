#include "tools/training/recipe_settings.h"

#include "kernels/device/error.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

[[noreturn]] void throw_path(const std::string& setting, const std::string& what) {
  throw UsageError("--set {}: {}; expected a field and its value, such as stages[0].epochs=3", setting, what);
}

// "stages[0].epochs" → "/stages/0/epochs", the form of JSON pointers.
std::string pointer_text(const std::string& path, const std::string& setting) {
  std::string text = "/";
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '.') {
      text += '/';
    } else if (path[i] == '[') {
      size_t close = path.find(']', i);
      bool number = close != std::string::npos && close > i + 1 && close - i < 6 &&
                    std::all_of(path.begin() + static_cast<ptrdiff_t>(i) + 1,
                                path.begin() + static_cast<ptrdiff_t>(close), [](char c) { return std::isdigit(c); });
      if (!number) throw_path(setting, "a list's element is written [0]");
      text += '/' + std::to_string(std::stoi(path.substr(i + 1, close - i - 1)));
      i = close;
    } else {
      text += path[i];
    }
  }
  return text;
}

// The other way round.
std::string path_text(nlohmann::json::json_pointer at) {
  std::string text;
  for (; !at.empty(); at.pop_back()) {
    bool element = std::isdigit(at.back()[0]);
    std::string part = element ? "[" + at.back() + "]" : at.back();
    text = text.empty() || text[0] == '[' ? part + text : part + "." + text;
  }
  return text;
}

void spread(std::vector<StageRecipe>& stages, const std::vector<int>& values, const char* option,
            int StageRecipe::*field) {
  if (values.empty()) return;
  if (values.size() != 1 && values.size() != stages.size()) {
    throw UsageError("{}: expected one number, or one for each of the {} stages, found {}", option, stages.size(),
                     values.size());
  }
  for (size_t i = 0; i < stages.size(); ++i) stages[i].*field = values[values.size() == 1 ? 0 : i];
}

}  // namespace

void apply_setting(nlohmann::json& json, const std::string& setting) {
  size_t equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) throw_path(setting, "no field=value");
  std::string value_text = setting.substr(equals + 1);
  nlohmann::json value = nlohmann::json::parse(value_text, nullptr, false);
  if (value.is_discarded()) value = value_text;
  nlohmann::json::json_pointer pointer(pointer_text(setting.substr(0, equals), setting));
  for (auto at = pointer; !at.empty(); at = at.parent_pointer()) {
    auto parent = at.parent_pointer();
    if (!json.contains(parent)) continue;
    const nlohmann::json& holder = json[parent];
    bool element = !at.back().empty() && std::isdigit(at.back()[0]);
    if (holder.is_array() && (!element || std::stoul(at.back()) >= holder.size())) {
      throw_path(setting, fmt::format("the list there has {} elements, counted from [0]", holder.size()));
    }
    if (!holder.is_array() && !holder.is_object()) {
      throw_path(setting, fmt::format("'{}' is not inside an object", at.back()));
    }
    if (holder.is_object() && element) throw_path(setting, "no list there");
  }
  json[pointer] = value;
}

Recipe resolve_recipe(const RecipeOptions& options) {
  RecipeDocument document = find_recipe(options.recipe);
  Recipe recipe = parse_recipe(document);
  if (!options.sizes.empty()) {
    recipe.stages.resize(options.sizes.size(), recipe.stages.back());
    spread(recipe.stages, options.sizes, "--size", &StageRecipe::size);
  }
  spread(recipe.stages, options.epochs, "--epochs", &StageRecipe::epochs);
  spread(recipe.stages, options.batches, "--batch", &StageRecipe::batch);
  if (!options.loss.empty()) recipe.loss.kind = options.loss;
  if (!options.encoder.empty()) recipe.model.encoder = options.encoder;
  return parse_recipe({"command line", recipe_text(recipe), options.settings});
}

std::string first_difference(const Recipe& found, const Recipe& expected) {
  nlohmann::json a = to_json(found), b = to_json(expected);
  nlohmann::json difference = nlohmann::json::diff(b, a);
  if (difference.empty()) return "";
  nlohmann::json::json_pointer at(difference[0].at("path").get<std::string>());
  auto shown = [&](const nlohmann::json& json) { return json.contains(at) ? json.at(at).dump() : "nothing"; };
  return fmt::format("{} is {}, expected {}", path_text(at), shown(a), shown(b));
}

}  // namespace cuunet
