#include "tools/verify/verify.h"

#include "kernels/device/error.h"
#include "tools/verify/case_files.h"

#include <fnmatch.h>

#include <algorithm>
#include <set>

namespace cuunet {
namespace {

// The first tensor that the case lists and that was compared in fewer numbers.
std::string missing_of(const std::vector<Case::Listed>& listed, const Comparison& comparison) {
  std::map<std::string, int64_t> wanted;
  for (const Case::Listed& entry : listed) wanted[entry.tensor] += entry.numbers;
  for (const auto& [tensor, numbers] : wanted) {
    auto result = comparison.results().find(tensor);
    int64_t compared = result == comparison.results().end() ? 0 : result->second.compared;
    if (compared < numbers) return fmt::format("{}: {} of {} numbers compared", tensor, compared, numbers);
  }
  return "";
}

int64_t total_of(const std::vector<Case::Listed>& listed) {
  int64_t numbers = 0;
  for (const Case::Listed& entry : listed) numbers += entry.numbers;
  return numbers;
}

CaseResult run_case(Context& context, const Case& one, const VerifyOptions& options) {
  CaseResult result;
  result.family = one.family();
  result.title = one.title();
  Comparison comparison(one, options.precision, context.allow_tf32);
  try {
    const Family* family = find_family(one.family());
    if (family == nullptr) throw Error("no runner for family '{}'", one.family());
    auto listed = family->listed(one, options);
    VerifyOptions whole = options;
    whole.steps = 0;
    result.listed = total_of(listed);
    result.left_out = total_of(family->listed(one, whole)) - result.listed;
    family->run(context, one, options, comparison);
    result.problem = missing_of(listed, comparison);
  } catch (const std::exception& error) {
    result.problem = error.what();
  }
  for (const auto& [name, tensor] : comparison.results()) {
    result.tensors.push_back(tensor);
    result.compared += tensor.compared;
  }
  return result;
}

FamilyCount& count_of(std::vector<FamilyCount>& families, const std::string& name) {
  auto same = [&](const FamilyCount& family) { return family.name == name; };
  auto family = std::find_if(families.begin(), families.end(), same);
  return family != families.end() ? *family : families.emplace_back(FamilyCount{.name = name});
}

void count(std::vector<FamilyCount>& families, const CaseResult& result) {
  FamilyCount& family = count_of(families, result.family);
  family.cases_listed += 1;
  family.cases_run += result.compared > 0 ? 1 : 0;
  family.cases_passed += result.passed() ? 1 : 0;
  family.numbers_listed += result.listed;
  family.numbers_compared += result.compared;
  family.numbers_left_out += result.left_out;
}

bool matches(const Case& one, const std::string& pattern) {
  return fnmatch(pattern.c_str(), one.name().c_str(), 0) == 0 || fnmatch(pattern.c_str(), one.title().c_str(), 0) == 0;
}

bool excepted(const Case& one, const VerifyOptions& options) {
  return std::any_of(options.except.begin(), options.except.end(),
                     [&](const std::string& pattern) { return matches(one, pattern); });
}

// Asked before anything is run: a pattern with a slip would else be seen after minutes.
void require_uses(const std::vector<CaseFiles>& found, const std::vector<std::string>& patterns) {
  std::set<std::string> unused(patterns.begin(), patterns.end());
  for (const CaseFiles& folder : found) {
    for (size_t i = 0; i < folder.files.size() && !unused.empty(); ++i) {
      for (const Case& one : read_cases(folder.files[i])) {
        std::erase_if(unused, [&](const std::string& pattern) { return matches(one, pattern); });
      }
    }
  }
  if (!unused.empty()) {
    throw UsageError(
        "--except '{}' matches no case; patterns are of names or titles as the table shows them, with * and ?",
        *unused.begin());
  }
}

}  // namespace

bool CaseResult::passed() const {
  return problem.empty() && std::all_of(tensors.begin(), tensors.end(), [](auto& tensor) { return tensor.passed(); });
}

const TensorResult* CaseResult::worst() const {
  auto by_share = [](const TensorResult& a, const TensorResult& b) { return a.share < b.share; };
  auto worst = std::max_element(tensors.begin(), tensors.end(), by_share);
  return worst == tensors.end() ? nullptr : &*worst;
}

bool VerifyReport::passed() const {
  return problems.empty() && std::all_of(cases.begin(), cases.end(), [](auto& one) { return one.passed(); });
}

VerifyReport verify(Context& context, const std::vector<std::filesystem::path>& paths, const VerifyOptions& options) {
  VerifyReport report;
  std::vector<CaseFiles> all;
  for (const auto& path : paths) all.push_back(find_case_files(path));
  require_uses(all, options.except);
  for (const CaseFiles& found : all) {
    report.problems.insert(report.problems.end(), found.problems.begin(), found.problems.end());
    for (const auto& file : found.files) {
      for (const Case& one : read_cases(file)) {
        if (one.title().find(options.filter) == std::string::npos) continue;
        if (excepted(one, options)) {
          report.excepted.push_back(one.title());
          count_of(report.families, one.family()).cases_excepted += 1;
          continue;
        }
        report.cases.push_back(run_case(context, one, options));
        count(report.families, report.cases.back());
        options.finished(report.cases.back());
      }
    }
  }
  if (report.cases.empty()) {
    if (!report.excepted.empty())
      report.problems.push_back("--except leaves no case to run");
    else if (options.filter.empty())
      report.problems.push_back("no case was found");
    else
      report.problems.push_back(fmt::format("no case's title contains '{}'", options.filter));
  }
  return report;
}

}  // namespace cuunet
