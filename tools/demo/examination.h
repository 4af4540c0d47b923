// How well a network colours pictures it never saw, beside predictors that are no network: the table and the sheet of
// `cuunet demo`. Every picture is the centre square of a photograph at the network's size, its luminance kept.
#pragma once

#include "tools/colorizing/colorizer.h"
#include "tools/data/photo_source.h"
#include "tools/report/sheet.h"

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace cuunet {

struct ExaminationOptions {
  int64_t size = 64;        // pixels, both sides
  int64_t fitted_on = 500;  // training pictures that the predictors are fitted on, at most
  int64_t judged = 100;     // unseen pictures, at most
  int64_t shown = 10;       // of them on the sheet
};

struct Score {
  std::string name;                                   // grey, one tint, …, ours, truth
  double psnr = 0, ciede2000 = 0, colourfulness = 0;  // means over the pictures; psnr of the truth is infinite
};

struct Examination {
  std::vector<Score> scores;
  std::vector<SheetRow> sheet;  // grey | ours | truth

  const Score& of(const std::string& name) const;
  std::string table() const;
  nlohmann::ordered_json json() const;
};

Examination examine(Colorizer& colorizer, const PhotoSource& training, const PhotoSource& unseen,
                    const ExaminationOptions& options);

}  // namespace cuunet
