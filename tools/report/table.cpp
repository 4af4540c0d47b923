#include "tools/report/table.h"

#include "kernels/device/error.h"

#include <algorithm>

namespace cuunet {

namespace {

size_t characters(const std::string& utf8) {
  return static_cast<size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

Table::Table(std::vector<std::string> headings) : rows_{std::move(headings)} { add_rule(); }

void Table::add_row(std::vector<std::string> cells) {
  if (cells.size() != rows_[0].size()) {
    throw UsageError("table: expected {} cells in a row, got {}", rows_[0].size(), cells.size());
  }
  rows_.push_back(std::move(cells));
}

void Table::add_rule() { rows_.emplace_back(); }

std::string Table::text() const {
  size_t columns = rows_[0].size();
  std::vector<size_t> widths(columns);
  for (const auto& row : rows_) {
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], characters(row[c]));
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (size_t c = 0; c < columns; ++c) {
      if (c > 0) line += "  ";
      if (row.empty()) {
        line.append(widths[c], '-');
      } else {
        std::string space(widths[c] - characters(row[c]), ' ');
        line += c == 0 ? row[c] + space : space + row[c];
      }
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace cuunet
