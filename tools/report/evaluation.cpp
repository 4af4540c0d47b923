#include "tools/report/evaluation.h"

#include "kernels/device/error.h"
#include "kernels/image/ciede2000.h"
#include "kernels/image/quality.h"
#include "tools/colorizing/photographs.h"
#include "tools/report/table.h"

#include <algorithm>
#include <map>

namespace cuunet {

namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

using FilesByName = std::map<std::string, std::vector<fs::path>>;

FilesByName files_in(const fs::path& folder) {
  FilesByName files;
  for (const FoundPhotograph& found : find_photographs({folder.string()})) {
    files[fs::path(found.relative).replace_extension().string()].push_back(found.file);
  }
  return files;
}

void add_pair(EvaluationReport& report, const std::string& name, const fs::path& result, const fs::path& truth,
              const ReadOptions& reading) {
  try {
    report.pictures.push_back({name, measure(read_image(result, reading), read_image(truth, reading))});
  } catch (const ShapeError& error) {
    report.failures.push_back({name, error.what()});
  } catch (const FileError& error) {
    report.failures.push_back({name, error.what()});
  }
}

std::string named(const std::vector<fs::path>& files) {
  std::string text;
  for (const fs::path& file : files) text += (text.empty() ? "" : ", ") + file.filename().string();
  return text;
}

EvaluationReport evaluate_folders(const fs::path& result_folder, const fs::path& truth_folder,
                                  const ReadOptions& reading) {
  FilesByName results = files_in(result_folder), truths = files_in(truth_folder);
  EvaluationReport report;
  for (const auto& [name, files] : results) {
    auto truth = truths.find(name);
    if (truth == truths.end()) {
      report.failures.push_back({name, fmt::format("has no truth in {}", truth_folder.string())});
    } else if (files.size() > 1 || truth->second.size() > 1) {
      const auto& several = files.size() > 1 ? files : truth->second;
      report.failures.push_back({name, fmt::format("expected one file of that name, found {}", named(several))});
    } else {
      add_pair(report, name, files[0], truth->second[0], reading);
    }
  }
  for (const auto& [name, files] : truths) {
    if (!results.count(name)) {
      report.failures.push_back({name, fmt::format("has no result in {}", result_folder.string())});
    }
  }
  std::stable_sort(report.failures.begin(), report.failures.end(),
                   [](const auto& a, const auto& b) { return a.name < b.name; });
  return report;
}

std::vector<std::string> row_of(const std::string& name, const PictureMeasures& m) {
  return {name,
          fmt::format("{:.2f}", m.psnr),
          m.ssim ? fmt::format("{:.4f}", *m.ssim) : "-",
          fmt::format("{:.2f}", m.ciede2000),
          fmt::format("{:.1f}", m.colourfulness),
          fmt::format("{:.1f}", m.true_colourfulness)};
}

void add_to_json(ordered_json& entry, const PictureMeasures& m) {
  entry["psnr"] = m.psnr;
  entry["ssim"] = m.ssim ? ordered_json(*m.ssim) : ordered_json();
  entry["ciede2000"] = m.ciede2000;
  entry["colourfulness"] = m.colourfulness;
  entry["true_colourfulness"] = m.true_colourfulness;
}

}  // namespace

PictureMeasures measure(const Image& result, const Image& truth) {
  if (result.width != truth.width || result.height != truth.height) {
    throw ShapeError("the result is {} x {} pixels, the truth {} x {}; expected the same size", result.width,
                     result.height, truth.width, truth.height);
  }
  PictureMeasures measures{psnr(result.rgb, truth.rgb), std::nullopt, mean_ciede2000(result.rgb, truth.rgb),
                           colourfulness(result.rgb), colourfulness(truth.rgb)};
  if (std::min(truth.width, truth.height) >= kSsimWindow) {
    measures.ssim = ssim(result.rgb, truth.rgb, truth.height, truth.width).mean;
  }
  return measures;
}

PictureMeasures mean_of(const std::vector<PictureMeasures>& measures) {
  PictureMeasures mean;
  double count = static_cast<double>(measures.size()), ssim_sum = 0, ssim_count = 0;
  for (const PictureMeasures& m : measures) {
    mean.psnr += m.psnr / count;
    mean.ciede2000 += m.ciede2000 / count;
    mean.colourfulness += m.colourfulness / count;
    mean.true_colourfulness += m.true_colourfulness / count;
    ssim_sum += m.ssim.value_or(0);
    ssim_count += m.ssim ? 1 : 0;
  }
  if (ssim_count > 0) mean.ssim = ssim_sum / ssim_count;
  return mean;
}

PictureMeasures EvaluationReport::mean() const {
  std::vector<PictureMeasures> all;
  for (const EvaluatedPicture& picture : pictures) all.push_back(picture.measures);
  return mean_of(all);
}

std::string EvaluationReport::text() const {
  std::string text;
  if (!pictures.empty()) {
    Table table({"picture", "PSNR dB", "SSIM", "CIEDE2000", "colourfulness", "truth's"});
    for (const EvaluatedPicture& picture : pictures) table.add_row(row_of(picture.name, picture.measures));
    if (pictures.size() > 1) {
      table.add_rule();
      table.add_row(row_of(fmt::format("mean of {}", pictures.size()), mean()));
    }
    text = table.text();
  }
  if (!failures.empty()) text += fmt::format("{}{} not compared:\n", text.empty() ? "" : "\n", failures.size());
  for (const EvaluationFailure& failure : failures) text += fmt::format("  {}: {}\n", failure.name, failure.reason);
  return text;
}

ordered_json EvaluationReport::json() const {
  ordered_json all{{"pictures", ordered_json::array()}, {"mean", nullptr}, {"failures", ordered_json::array()}};
  for (const EvaluatedPicture& picture : pictures) {
    ordered_json entry{{"name", picture.name}};
    add_to_json(entry, picture.measures);
    all["pictures"].push_back(std::move(entry));
  }
  if (!pictures.empty()) {
    all["mean"] = ordered_json::object();
    add_to_json(all["mean"], mean());
  }
  for (const EvaluationFailure& failure : failures) {
    all["failures"].push_back({{"name", failure.name}, {"reason", failure.reason}});
  }
  return all;
}

EvaluationReport evaluate(const fs::path& result, const fs::path& truth, const ReadOptions& reading) {
  for (const fs::path& path : {result, truth}) {
    if (!fs::exists(path)) throw FileError("{}: no such file or folder", path.string());
  }
  bool folders = fs::is_directory(result);
  if (folders != fs::is_directory(truth)) {
    throw UsageError("evaluate: expected two files or two folders, got a {} ({}) and a {} ({})",
                     folders ? "folder" : "file", result.string(), folders ? "file" : "folder", truth.string());
  }
  if (folders) return evaluate_folders(result, truth, reading);
  EvaluationReport report;
  add_pair(report, result.filename().string(), result, truth, reading);
  return report;
}

}  // namespace cuunet
