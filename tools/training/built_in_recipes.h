// The files of the folder recipes/, compiled into the program.
#pragma once

#include <span>
#include <string_view>

namespace cuunet {

struct BuiltInRecipe {
  std::string_view name, text;
};

std::span<const BuiltInRecipe> built_in_recipe_files();

}  // namespace cuunet
