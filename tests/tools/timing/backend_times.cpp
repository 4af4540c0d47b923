#include "tools/timing/backend_times.h"

#include "engine/device/host_context.h"
#include "kernels/device/backend.h"
#include "kernels/device/error.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <limits>

namespace cuunet {
namespace {

struct TemporaryFolder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("cuunet_backend_times_" + std::to_string(getpid()));
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
};

TEST_CASE("backend times: measured in one run, known in the next on the same machine only") {
  TemporaryFolder folder;
  std::filesystem::path file = folder.path / "cache" / "backend_times.json";
  {
    HostContext context({.threads = 1});
    keep_backend_times(context, file, "GPU A, cuDNN 9.1.0");
    Backends& backends = context.state<Backends>();
    CHECK(backends.measured.empty());
    backends.measured["conv2d_forward f32"] = {10.5, 9.25};
    backends.measured["matmul bf16"] = {3, std::numeric_limits<double>::infinity()};
    backends.remember(backends);
  }
  HostContext same({.threads = 1}), other({.threads = 1});
  keep_backend_times(same, file, "GPU A, cuDNN 9.1.0");
  const auto& known = same.state<Backends>().measured;
  REQUIRE(known.size() == 2);
  CHECK(known.at("conv2d_forward f32").native == 10.5);
  CHECK(known.at("conv2d_forward f32").library_wins());
  CHECK_FALSE(known.at("matmul bf16").library_wins());
  keep_backend_times(other, file, "GPU A, cuDNN 9.2.0");
  CHECK(other.state<Backends>().measured.empty());
}

TEST_CASE("backend times: a file that is something else is named, and what to do") {
  TemporaryFolder folder;
  std::filesystem::create_directories(folder.path);
  for (const char* text :
       {"", "[1, 2]", "{\"machine\": \"GPU\"}", "{\"machine\": \"GPU\", \"times_us\": {\"a\": 3}}"}) {
    std::filesystem::path file = folder.path / "times.json";
    std::ofstream(file) << text;
    HostContext context({.threads = 1});
    CHECK_THROWS_WITH_AS(keep_backend_times(context, file, "GPU"),
                         (file.string() + " is not a file of times; delete it and they are measured again").c_str(),
                         FileError);
  }
}

}  // namespace
}  // namespace cuunet
