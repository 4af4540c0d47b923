// Runs conformance cases and says how far each is from its tolerance: the command `cuunet verify`.
//
// A case that cannot be run has failed. So has one that compared fewer numbers than its file lists, and a folder whose
// index.json lists more cases than its files hold.
#pragma once

#include "kernels/device/context.h"
#include "tools/verify/comparison.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace cuunet {

struct CaseResult;

struct VerifyOptions {
  DType precision = DType::f32;          // of feature maps: f32, bf16 or f64
  std::string filter;                    // only cases whose title contains this
  std::vector<std::string> except = {};  // patterns (*, ?) of names and titles of cases that are not run
  int steps = 0;                         // of training trajectories, at most; 0: all
  std::function<void(const CaseResult&)> finished = [](const CaseResult&) {};  // called after each case
};

struct CaseResult {
  std::string family, title;
  std::vector<TensorResult> tensors;
  int64_t listed = 0;    // numbers the case holds
  int64_t compared = 0;  // numbers compared
  int64_t left_out = 0;  // numbers of steps that were not asked for
  std::string problem;   // why it could not be run or is not complete; empty when all was compared

  bool passed() const;
  const TensorResult* worst() const;  // by share of the tolerance; null when nothing was compared
};

struct FamilyCount {
  std::string name;
  int64_t cases_listed = 0, cases_run = 0, cases_passed = 0;
  int64_t cases_excepted = 0;  // by name, and not among those listed
  int64_t numbers_listed = 0, numbers_compared = 0, numbers_left_out = 0;
};

struct VerifyReport {
  std::vector<CaseResult> cases;
  std::vector<FamilyCount> families;
  std::vector<std::string> excepted;  // titles
  std::vector<std::string> problems;  // of files and folders

  bool passed() const;
};

// A family of conformance cases and how one is run; the table is in families.cpp.
struct Family {
  const char* name;
  void (*run)(Context&, const Case&, const VerifyOptions&, Comparison&);
  // What has to be compared, where it is more than the outputs, probes and scalars of the case, or less.
  std::vector<Case::Listed> (*listed)(const Case&, const VerifyOptions&);
};
const Family* find_family(const std::string& name);

// Runs all cases of files and folders. FileError: a path that does not exist or holds no case.
// UsageError: a pattern of options.except that matches no case of them.
VerifyReport verify(Context&, const std::vector<std::filesystem::path>& paths, const VerifyOptions& options = {});

}  // namespace cuunet
