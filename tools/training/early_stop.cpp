#include "tools/training/early_stop.h"

#include <nlohmann/json.hpp>

namespace cuunet {

bool EarlyStop::improves(double validation_loss) {
  bool better = best_ ? validation_loss < *best_ : validation_loss == validation_loss;
  epochs_without_ = better ? 0 : epochs_without_ + 1;
  if (better) best_ = validation_loss;
  return better;
}

nlohmann::json EarlyStop::state() const {
  nlohmann::json best = nullptr;
  if (best_) best = *best_;
  return {{"best", best}, {"epochs_without_better", epochs_without_}};
}

void EarlyStop::restore(const nlohmann::json& state) {
  epochs_without_ = state.at("epochs_without_better");
  best_.reset();
  if (!state.at("best").is_null()) best_ = state.at("best").get<double>();
}

}  // namespace cuunet
