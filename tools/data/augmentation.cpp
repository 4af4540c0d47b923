#include "tools/data/augmentation.h"

#include <cmath>

namespace cuunet {

std::vector<Operation> draw_augmentation(const AugmentationSettings& settings, RandomStream& random) {
  std::vector<Operation> operations;
  auto maybe = [&](double p, const Operation& operation) {
    if (random.unit() < p) operations.push_back(operation);
  };
  auto within = [&](double bound) { return random.uniform(-bound, bound); };

  CropPad crop;
  crop.row_pct = random.unit();
  crop.col_pct = random.unit();
  operations.push_back(crop);
  maybe(settings.flip_p, FlipLeftRight{});
  SymmetricWarp warp;
  for (double& magnitude : warp.magnitude) magnitude = within(settings.max_warp);
  maybe(settings.max_warp > 0 ? settings.p_affine : 0, warp);
  Rotate rotate{within(settings.max_rotate)};
  maybe(settings.max_rotate > 0 ? settings.p_affine : 0, rotate);
  Zoom zoom;
  zoom.scale = random.uniform(1, settings.max_zoom);
  zoom.row_pct = random.unit();
  zoom.col_pct = random.unit();
  maybe(settings.max_zoom > 1 ? settings.p_affine : 0, zoom);
  Brightness brightness{0.5 + within(0.5 * settings.max_lighting)};
  maybe(settings.max_lighting > 0 ? settings.p_lighting : 0, brightness);
  Contrast contrast{std::exp(within(-std::log(1 - settings.max_lighting)))};
  maybe(settings.max_lighting > 0 ? settings.p_lighting : 0, contrast);
  return operations;
}

std::vector<Operation> no_augmentation() { return {CropPad{}}; }

}  // namespace cuunet
