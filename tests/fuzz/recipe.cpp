// libFuzzer target of the JSON recipe: any text is a recipe or refused with a UsageError, and a recipe written out and
// read again is the same. Built and run by tools/dev/fuzz.sh.
#include "tools/training/recipe.h"
#include "kernels/device/error.h"

#include <algorithm>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // The text, and behind its first line that begins with "--set " one setting per line.
  std::string text(reinterpret_cast<const char*>(data), size);
  cuunet::RecipeDocument document{"fuzz", text.substr(0, text.find("\n--set ")), {}};
  for (size_t at = document.text.size(); at < text.size();) {
    size_t begin = at + 7, end = std::min(text.find("\n--set ", begin), text.size());
    document.settings.push_back(text.substr(std::min(begin, end), end - std::min(begin, end)));
    at = end;
  }
  try {
    cuunet::Recipe recipe = cuunet::parse_recipe(document);
    if (!(cuunet::parse_recipe({"fuzz", recipe_text(recipe), {}}) == recipe)) std::abort();
  } catch (const cuunet::UsageError&) {
  }
  return 0;
}
