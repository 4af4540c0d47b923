#include "tools/report/log.h"

#include "kernels/device/error.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace cuunet {

namespace {

using nlohmann::ordered_json;

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw FileError("{}: cannot be read: {}", path.string(), std::strerror(errno));
  return text.str();
}

ordered_json parse_object(std::string_view line) {
  ordered_json entry = ordered_json::parse(line, nullptr, /*allow_exceptions=*/false);
  return entry.is_object() ? entry : ordered_json();
}

// Up to the last newline: what follows it was cut short.
size_t whole_length(const std::string& text) {
  size_t newline = text.rfind('\n');
  return newline == std::string::npos ? 0 : newline + 1;
}

}  // namespace

LogWriter::LogWriter(const std::filesystem::path& path) : path_(path) {
  if (std::filesystem::exists(path) && std::filesystem::file_size(path) > 0) {
    std::error_code failed;
    std::filesystem::resize_file(path, whole_length(contents(path)), failed);
    if (failed) throw FileError("{}: cannot be written: {}", path.string(), failed.message());
  }
  file_.reset(std::fopen(path.c_str(), "ab"));
  if (!file_) throw FileError("{}: cannot be written: {}", path.string(), std::strerror(errno));
}

void LogWriter::write(const ordered_json& entry) {
  std::string line = entry.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size() || std::fflush(file_.get()) != 0) {
    throw FileError("{}: cannot be written: {}", path_.string(), std::strerror(errno));
  }
}

std::vector<ordered_json> read_log(const std::filesystem::path& path) {
  std::string text = contents(path);
  text.resize(whole_length(text));
  std::vector<ordered_json> entries;
  size_t begin = 0;
  for (size_t line = 1; begin < text.size(); ++line) {
    size_t end = text.find('\n', begin);
    ordered_json entry = parse_object(std::string_view(text).substr(begin, end - begin));
    if (entry.is_null()) throw FileError("{}: line {}: expected a JSON object", path.string(), line);
    entries.push_back(std::move(entry));
    begin = end + 1;
  }
  return entries;
}

}  // namespace cuunet
