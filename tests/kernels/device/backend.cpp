#include "kernels/device/backend.h"

#include "kernels/device/error.h"

#include <doctest/doctest.h>

#include <limits>

namespace cuunet {

TEST_CASE("backend: names there and back, and a usage error that lists them") {
  for (Backend backend : {Backend::native, Backend::cudnn, Backend::automatic}) {
    CHECK(backend_named(name_of(backend)) == backend);
  }
  CHECK_THROWS_WITH_AS(backend_named("cublas"), "--conv-backend takes native, cudnn or auto, got 'cublas'", UsageError);
}

TEST_CASE("backend: ours runs when the times are equal, and when the library cannot") {
  CHECK_FALSE(BackendTimes{10, 10}.library_wins());
  CHECK_FALSE(BackendTimes{10, std::numeric_limits<double>::infinity()}.library_wins());
  CHECK(BackendTimes{10, 9}.library_wins());
}

}  // namespace cuunet
