// Where a run stands: what comes next.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>

namespace cuunet {

struct TrainingPosition {
  int stage = 0, epoch = 0;
  int64_t step = 0;  // within the epoch
  int64_t steps_done = 0;
  int epochs_done = 0;

  void end_epoch(bool stage_done);
  std::string text() const;  // "stage 1, epoch 3, step 12", counted from 1
};

nlohmann::json json_of(const TrainingPosition& position);
TrainingPosition position_of(const nlohmann::json& json);

}  // namespace cuunet
