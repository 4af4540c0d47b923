#include "tools/report/sheet.h"

#include "engine/io/resample.h"
#include "kernels/device/error.h"
#include "tools/report/lettering.h"

#include <algorithm>
#include <cmath>

namespace cuunet {

namespace {

constexpr Rgb kInk{40, 40, 44}, kPaleInk{110, 110, 118};

void paste(Image& sheet, const Image& picture, int64_t left, int64_t top) {
  for (int64_t y = 0; y < picture.height; ++y) {
    std::copy_n(picture.pixel(y, 0), 3 * picture.width, sheet.pixel(top + y, left));
  }
}

}  // namespace

Image fitted(const Image& picture, int64_t side) {
  double factor = static_cast<double>(side) / static_cast<double>(std::max(picture.width, picture.height));
  auto scaled = [&](int64_t length) {
    return std::clamp<int64_t>(std::llround(static_cast<double>(length) * factor), 1, side);
  };
  int64_t width = scaled(picture.width), height = scaled(picture.height);
  if (width == picture.width && height == picture.height) return picture;
  Raster source(picture.height, picture.width, 3);
  std::copy(picture.rgb.begin(), picture.rgb.end(), source.values.begin());
  Raster resized = resample(source, height, width);
  Image result(width, height);
  for (size_t i = 0; i < result.rgb.size(); ++i) {
    result.rgb[i] = static_cast<uint8_t>(std::clamp(resized.values[i] + 0.5f, 0.0f, 255.0f));
  }
  return result;
}

Image draw_sheet(const std::vector<std::string>& columns, const std::vector<SheetRow>& rows,
                 const SheetOptions& options) {
  int64_t cell = options.cell, gap = options.gap, scale = options.text_scale;
  int64_t line = scale * (kLetterHeight + 5);
  bool captions = std::any_of(rows.begin(), rows.end(), [](const SheetRow& row) { return !row.caption.empty(); });
  int64_t row_height = cell + gap + (captions ? line : 0), step = cell + gap;
  Image sheet(gap + step * static_cast<int64_t>(columns.size()),
              gap + line + row_height * static_cast<int64_t>(rows.size()));
  std::fill(sheet.rgb.begin(), sheet.rgb.end(), uint8_t{255});
  for (size_t c = 0; c < columns.size(); ++c) {
    std::string text = shortened(columns[c], cell, scale);
    int64_t left = gap + step * static_cast<int64_t>(c) + (cell - text_width(text, scale)) / 2;
    draw_text(sheet, left, gap, text, kInk, scale);
  }
  for (size_t r = 0; r < rows.size(); ++r) {
    const SheetRow& row = rows[r];
    if (row.pictures.size() > columns.size()) {
      throw UsageError("sheet: row '{}' has {} pictures, expected at most {}, one per column", row.caption,
                       row.pictures.size(), columns.size());
    }
    int64_t top = gap + line + row_height * static_cast<int64_t>(r);
    for (size_t c = 0; c < row.pictures.size(); ++c) {
      if (row.pictures[c].empty()) continue;
      Image picture = fitted(row.pictures[c], cell);
      paste(sheet, picture, gap + step * static_cast<int64_t>(c) + (cell - picture.width) / 2,
            top + (cell - picture.height) / 2);
    }
    std::string caption = shortened(row.caption, sheet.width - 2 * gap, scale);
    draw_text(sheet, gap, top + cell + scale * 4, caption, kPaleInk, scale);
  }
  return sheet;
}

}  // namespace cuunet
