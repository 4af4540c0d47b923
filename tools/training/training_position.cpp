#include "tools/training/training_position.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cuunet {

void TrainingPosition::end_epoch(bool stage_done) {
  ++epochs_done;
  step = 0;
  ++epoch;
  if (stage_done) {
    ++stage;
    epoch = 0;
  }
}

std::string TrainingPosition::text() const {
  return fmt::format("stage {}, epoch {}, step {}", stage + 1, epoch + 1, step);
}

nlohmann::json json_of(const TrainingPosition& position) {
  return {{"stage", position.stage},
          {"epoch", position.epoch},
          {"step", position.step},
          {"steps_done", position.steps_done},
          {"epochs_done", position.epochs_done}};
}

TrainingPosition position_of(const nlohmann::json& json) {
  return {json.at("stage"), json.at("epoch"), json.at("step"), json.at("steps_done"), json.at("epochs_done")};
}

}  // namespace cuunet
