// A table as plain text: the first column to the left, the others to the right, two spaces between columns.
//
//   picture    PSNR   SSIM
//   --------  -----  -----
//   beach     24.13  0.971
#pragma once

#include <string>
#include <vector>

namespace cuunet {

class Table {
 public:
  explicit Table(std::vector<std::string> headings);

  void add_row(std::vector<std::string> cells);  // UsageError when it has another number of cells than the headings
  void add_rule();                               // a line across, as above a mean
  std::string text() const;                      // every line ends with \n and without spaces

 private:
  std::vector<std::vector<std::string>> rows_;  // the first is the headings; an empty one is a rule
};

}  // namespace cuunet
