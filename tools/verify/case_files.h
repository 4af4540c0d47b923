// Which files of a folder hold cases.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cuunet {

struct CaseFiles {
  std::vector<std::filesystem::path> files;  // in the order of their names
  std::vector<std::string> problems;         // a file that an index.json names and the folder lacks, or a wrong count
};

// A file stands for itself; of a folder and all below it, every .json but index.json and tolerance_study.json. Where an
// index.json lists operators with their number of cases, the files are held against it.
CaseFiles find_case_files(const std::filesystem::path& path);

}  // namespace cuunet
