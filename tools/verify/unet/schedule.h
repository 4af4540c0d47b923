// One-cycle schedules as cases describe them.
#pragma once

#include "tools/training/one_cycle.h"

#include <nlohmann/json_fwd.hpp>

namespace cuunet {

// `description`: max_lr, total_steps, pct_start, moms, div_factor, final_div. A max_lr says "kind" number or slice; one
// without a kind is a slice.
OneCycle one_cycle_of(const nlohmann::json& description, int groups);

}  // namespace cuunet
