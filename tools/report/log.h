// A run's log: JSON objects, one per line, written as they happen.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

namespace cuunet {

// Appends to a log. A last line that was cut short, by a kill or a full disk, is removed first.
class LogWriter {
 public:
  explicit LogWriter(const std::filesystem::path& path);

  // One line, handed to the operating system before this returns. NaN and infinities become null, as JSON has none.
  void write(const nlohmann::ordered_json& entry);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Close> file_;
};

// Every whole line; a last one that was cut short is left out. FileError for a file that cannot be read, or a line
// before the last that is no JSON object: it names the line.
std::vector<nlohmann::ordered_json> read_log(const std::filesystem::path& path);

}  // namespace cuunet
