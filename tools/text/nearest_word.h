// The word a misspelt one was meant to be.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cuunet {

// The candidate with the smallest Levenshtein distance to `word`, or "" when none is within a third of its length
// (at least two edits).
std::string nearest_word(std::string_view word, std::span<const std::string> candidates);

}  // namespace cuunet
