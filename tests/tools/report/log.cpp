#include "tools/report/log.h"

#include "kernels/device/error.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

namespace cuunet {

namespace {

struct TemporaryFile {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("cuunet_log_" + std::to_string(reinterpret_cast<uintptr_t>(this)));
  ~TemporaryFile() { std::filesystem::remove(path); }
  void append(const std::string& text) { std::ofstream(path, std::ios::app | std::ios::binary) << text; }
};

}  // namespace

TEST_CASE("log: what is written is read, at once and across writers") {
  TemporaryFile file;
  {
    LogWriter log(file.path);
    log.write({{"step", 1}, {"loss", 0.5}});
    CHECK(read_log(file.path).size() == 1);  // the writer is still open
    log.write({{"step", 2}, {"loss", std::numeric_limits<double>::quiet_NaN()}});
  }
  LogWriter(file.path).write({{"step", 3}});
  auto entries = read_log(file.path);
  REQUIRE(entries.size() == 3);
  CHECK(entries[0]["loss"] == 0.5);
  CHECK(entries[1]["loss"].is_null());
  CHECK(entries[2]["step"] == 3);
}

TEST_CASE("log: a last line cut short is left out, and removed before more is written") {
  TemporaryFile file;
  file.append("{\"step\":1}\n{\"step\":2,\"lo");
  CHECK(read_log(file.path).size() == 1);
  LogWriter(file.path).write({{"step", 2}});
  auto entries = read_log(file.path);
  REQUIRE(entries.size() == 2);
  CHECK(entries[1]["step"] == 2);
}

TEST_CASE("log: a broken line in the middle is named") {
  TemporaryFile file;
  file.append("{\"step\":1}\n[1, 2]\n{\"step\":2}\n");
  std::string expected = file.path.string() + ": line 2: expected a JSON object";
  CHECK_THROWS_WITH_AS(read_log(file.path), expected.c_str(), FileError);
  CHECK_THROWS_AS(read_log(file.path.string() + ".missing"), FileError);
  CHECK_THROWS_AS(LogWriter("/nonexistent-folder/log.jsonl"), FileError);
}

}  // namespace cuunet
