#include "tools/text/nearest_word.h"

#include <doctest/doctest.h>

#include <vector>

TEST_CASE("nearest_word: finds the word that was meant, or none") {
  const std::vector<std::string> commands{"train", "colorize", "evaluate", "verify"};
  CHECK(cuunet::nearest_word("trian", commands) == "train");
  CHECK(cuunet::nearest_word("colourise", commands) == "colorize");
  CHECK(cuunet::nearest_word("verfy", commands) == "verify");
  CHECK(cuunet::nearest_word("banana", commands).empty());
}
