// How `cuunet verify` shows what it found.
#pragma once

#include "tools/verify/verify.h"

#include <nlohmann/json.hpp>
#include <string>

namespace cuunet {

std::string table_head();
// One line per case; a failed case has a line below for each reason.
std::string table_row(const CaseResult& result);
// Per family: cases passed of those the files hold, numbers compared of those listed; then the problems of files.
std::string summary(const VerifyReport& report);
nlohmann::json to_json(const VerifyReport& report);

}  // namespace cuunet
