#include "tools/report/table.h"

#include "kernels/device/error.h"

#include <doctest/doctest.h>

namespace cuunet {

TEST_CASE("table: columns line up, counted in characters") {
  Table table({"picture", "PSNR", "ΔE"});
  table.add_row({"beach", "24.13", "7.2"});
  table.add_row({"café", "9.1", "12.25"});
  table.add_rule();
  table.add_row({"mean", "16.62", ""});
  CHECK(table.text() ==
        "picture   PSNR     ΔE\n"
        "-------  -----  -----\n"
        "beach    24.13    7.2\n"
        "café       9.1  12.25\n"
        "-------  -----  -----\n"
        "mean     16.62\n");
  CHECK_THROWS_AS(table.add_row({"short"}), UsageError);
}

}  // namespace cuunet
