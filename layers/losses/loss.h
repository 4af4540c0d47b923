// What a loss gives a trainer: a scalar to descend, and the named terms it is the sum of.
#pragma once

#include "autograd/tape/tape.h"

#include <string>
#include <utility>
#include <vector>

namespace cuunet {

// A loss and the terms it is the sum of, by name: pixel, feat_0 …, gram_0 …, wass_0 …; each a scalar already weighted.
struct LossTerms {
  Var total;
  std::vector<std::pair<std::string, Var>> terms;
};

// Judges a prediction; a training task is given one.
class Loss {
 public:
  virtual ~Loss() = default;
  virtual LossTerms operator()(const Var& prediction, const Var& target) = 0;
};

// The mean absolute difference of pixels alone.
class PixelLoss final : public Loss {
 public:
  LossTerms operator()(const Var& prediction, const Var& target) override;
};

}  // namespace cuunet
