// What the command line changes in a recipe.
#pragma once

#include "tools/training/recipe.h"

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace cuunet {

// Sets one field of a recipe's JSON: "stages[0].epochs=3". The value is JSON, or else a text. Objects on the way are
// made; elements of lists are not. UsageError: no '=', an element that is not there, a path through a number.
void apply_setting(nlohmann::json& json, const std::string& setting);

struct RecipeOptions {
  std::string recipe = "article";     // a built-in name or a file
  std::vector<int> sizes;             // one stage each; beyond the recipe's stages its last one is repeated
  std::vector<int> epochs, batches;   // one for all stages or one each
  std::string loss, encoder;          // "" leaves the recipe's
  std::vector<std::string> settings;  // --set, after all others
  bool any() const { return *this != RecipeOptions{}; }
  bool operator==(const RecipeOptions&) const = default;
};

Recipe resolve_recipe(const RecipeOptions& options);

// The first field in which two recipes differ, as "stages[0].epochs is 3, expected 5"; "" when they are equal.
std::string first_difference(const Recipe& found, const Recipe& expected);

}  // namespace cuunet
