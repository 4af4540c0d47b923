// Ends a stage whose validation loss has levelled off: `patience` epochs in a row without a better one.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

namespace cuunet {

class EarlyStop {
 public:
  explicit EarlyStop(int patience = 0) : patience_(patience) {}  // 0: never

  // Whether this loss is the best so far. NaN never is.
  bool improves(double validation_loss);
  bool levelled_off() const { return patience_ > 0 && epochs_without_ >= patience_; }

  std::optional<double> best() const { return best_; }
  int epochs_without_better() const { return epochs_without_; }
  nlohmann::json state() const;
  void restore(const nlohmann::json& state);

 private:
  int patience_;
  int epochs_without_ = 0;
  std::optional<double> best_;
};

}  // namespace cuunet
