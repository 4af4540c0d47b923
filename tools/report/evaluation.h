// How close coloured pictures come to the truth.
#pragma once

#include "engine/io/image_reader.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace cuunet {

// The formulas stand in kernels/image/quality.h and ciede2000.h.
struct PictureMeasures {
  double psnr = 0;             // dB; infinite when nothing differs
  std::optional<double> ssim;  // none for pictures with a side below 11 pixels
  double ciede2000 = 0;        // mean over the pixels
  double colourfulness = 0, true_colourfulness = 0;
};

// ShapeError when the pictures' sizes differ.
PictureMeasures measure(const Image& result, const Image& truth);

// Of each measure by itself; of SSIM over the pictures that have one. Zeros for no pictures.
PictureMeasures mean_of(const std::vector<PictureMeasures>& measures);

struct EvaluatedPicture {
  std::string name;
  PictureMeasures measures;
};

struct EvaluationFailure {
  std::string name, reason;
};

struct EvaluationReport {
  std::vector<EvaluatedPicture> pictures;   // sorted by name
  std::vector<EvaluationFailure> failures;  // unreadable, of different sizes, or without a partner

  PictureMeasures mean() const;
  std::string text() const;  // a table, its mean, and the failures
  nlohmann::ordered_json json() const;
};

// Two files, or two folders searched through and matched by name: the same path below the folder, the extension apart
// (a result may be a PNG where the truth is a JPEG). UsageError for a file and a folder, FileError for what is not
// there or a folder without pictures; what concerns one picture is a failure in the report.
EvaluationReport evaluate(const std::filesystem::path& result, const std::filesystem::path& truth,
                          const ReadOptions& reading = {});

}  // namespace cuunet
