#include "layers/losses/loss.h"

#include "autograd/ops/loss.h"

namespace cuunet {

LossTerms PixelLoss::operator()(const Var& prediction, const Var& target) {
  Var pixel = l1_loss(prediction, target);
  return {pixel, {{"pixel", pixel}}};
}

}  // namespace cuunet
