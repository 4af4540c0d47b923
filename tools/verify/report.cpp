#include "tools/verify/report.h"

#include <fmt/format.h>

#include <cmath>

namespace cuunet {
namespace {

constexpr const char* format = "{:<42} {:>13} {:>10}  {}\n";

std::string share_text(double share) {
  return std::isfinite(share) ? fmt::format("{:.1f}%", 100 * share) : std::string("-");
}

nlohmann::json finite_or_null(double value) { return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(); }

nlohmann::json to_json(const CaseResult& result) {
  nlohmann::json tensors = nlohmann::json::array();
  for (const TensorResult& tensor : result.tensors) {
    tensors.push_back({{"name", tensor.name},
                       {"numbers", tensor.compared},
                       {"share_of_tolerance", finite_or_null(tensor.share)},
                       {"tolerance", tensor.tolerance},
                       {"bits", fmt::format("{:016x}", tensor.bits)},
                       {"passed", tensor.passed()}});
  }
  return {{"case", result.title},       {"passed", result.passed()}, {"problem", result.problem},
          {"numbers", result.compared}, {"listed", result.listed},   {"left_out", result.left_out},
          {"tensors", tensors}};
}

}  // namespace

std::string table_head() { return fmt::format(fmt::runtime(format), "case", "largest error", "tolerance", "result"); }

std::string table_row(const CaseResult& result) {
  const TensorResult* worst = result.worst();
  std::string text =
      fmt::format(fmt::runtime(format), result.title, worst ? share_text(worst->share) : "-",
                  worst ? fmt::format("{:.2g}", worst->tolerance) : "-", result.passed() ? "pass" : "FAIL");
  if (result.left_out > 0) text += fmt::format("    {} numbers of later steps left out\n", result.left_out);
  if (!result.problem.empty()) text += fmt::format("    {}\n", result.problem);
  for (const TensorResult& tensor : result.tensors) {
    if (!tensor.passed()) text += fmt::format("    {}\n", tensor.problem);
  }
  return text;
}

std::string summary(const VerifyReport& report) {
  std::string text;
  for (const FamilyCount& family : report.families) {
    text += fmt::format("{}: {} of {} cases passed, {} of {} numbers compared", family.name, family.cases_passed,
                        family.cases_listed, family.numbers_compared, family.numbers_listed);
    if (family.numbers_left_out > 0) text += fmt::format(", {} of later steps left out", family.numbers_left_out);
    if (family.cases_excepted > 0) text += fmt::format("; {} excepted by name", family.cases_excepted);
    text += "\n";
  }
  for (const std::string& problem : report.problems) text += problem + "\n";
  return text + (report.passed() ? "passed\n" : "FAILED\n");
}

nlohmann::json to_json(const VerifyReport& report) {
  nlohmann::json families = nlohmann::json::array(), cases = nlohmann::json::array();
  for (const FamilyCount& family : report.families) {
    families.push_back({{"family", family.name},
                        {"cases", family.cases_listed},
                        {"passed", family.cases_passed},
                        {"excepted", family.cases_excepted},
                        {"numbers_listed", family.numbers_listed},
                        {"numbers_compared", family.numbers_compared},
                        {"numbers_left_out", family.numbers_left_out}});
  }
  for (const CaseResult& result : report.cases) cases.push_back(to_json(result));
  return {{"passed", report.passed()},
          {"problems", report.problems},
          {"excepted", report.excepted},
          {"families", families},
          {"cases", cases}};
}

}  // namespace cuunet
