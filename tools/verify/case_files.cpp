#include "tools/verify/case_files.h"

#include "kernels/device/error.h"
#include "tools/verify/case.h"

#include <algorithm>
#include <fstream>
#include <set>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

const std::set<std::string> not_cases{"index.json", "tolerance_study.json"};

void check_index(const fs::path& index_file, std::vector<std::string>& problems) {
  std::ifstream stream(index_file);
  auto index = nlohmann::json::parse(stream, nullptr, false);
  if (!index.is_object() || !index.contains("operators")) return;
  for (const auto& entry : index["operators"]) {
    auto name = entry.at("operator").get<std::string>();
    auto listed = entry.at("cases").get<size_t>();
    fs::path file = index_file.parent_path() / (name + ".json");
    size_t held = fs::exists(file) ? read_cases(file).size() : 0;
    if (held != listed) {
      problems.push_back(fmt::format("{}: lists {} cases of {}, {} holds {}", index_file.string(), listed, name,
                                     file.filename().string(), held));
    }
  }
}

}  // namespace

CaseFiles find_case_files(const fs::path& path) {
  CaseFiles found;
  if (!fs::exists(path)) throw FileError("{}: no such file or folder", path.string());
  if (!fs::is_directory(path)) {
    found.files.push_back(path);
    return found;
  }
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (entry.path().extension() != ".json") continue;
    if (entry.path().filename() == "index.json") check_index(entry.path(), found.problems);
    if (!not_cases.contains(entry.path().filename().string())) found.files.push_back(entry.path());
  }
  std::sort(found.files.begin(), found.files.end());
  if (found.files.empty()) throw FileError("{}: holds no case files (*.json)", path.string());
  return found;
}

}  // namespace cuunet
