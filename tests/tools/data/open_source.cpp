#include "tools/data/open_source.h"

#include "kernels/device/error.h"

#include <doctest/doctest.h>

using namespace cuunet;

TEST_CASE("open_source: drawn scenes by seed, count and split") {
  auto training = open_source("scenes:3:20"), unseen = open_source("scenes:3:5:unseen");
  CHECK(training->count() == 20);
  CHECK(unseen->count() == 5);
  CHECK(training->load(4).rgb == open_source("scenes:3:20")->load(4).rgb);
  CHECK(training->load(4).rgb != unseen->load(4).rgb);
  CHECK(training->load(4).rgb != open_source("scenes:4:20")->load(4).rgb);
}

TEST_CASE("open_source: misspelt scenes say how they are written") {
  for (const char* words :
       {"scenes:", "scenes:1", "scenes:1:0", "scenes:x:3", "scenes:1:3:seen", "scenes:1:3:unseen:4"}) {
    std::string expected =
        std::string("drawn scenes are written scenes:SEED:COUNT or scenes:SEED:COUNT:unseen, got '") + words + "'";
    CHECK_THROWS_WITH_AS(open_source(words), expected.c_str(), UsageError);
  }
}
