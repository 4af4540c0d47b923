// From a photograph's bytes to a batch of training pairs: with the network's mean and deviation, a warp and light.
#include "bench/kernels/row.h"
#include "kernels/image/area_shrink.h"
#include "kernels/image/grey_pair.h"

namespace cuunet::bench {
namespace {

constexpr Normalisation normal{.mean = {0.485f, 0.456f, 0.406f}, .std = {0.229f, 0.224f, 0.225f}};

// Of DIV2K's size, to twice the crop's height, as before a sampling.
Shape shrunk(const Picture& p) { return {2 * p.px, 3 * p.px, 3}; }

PictureTransform warped(ConstView photo, const Picture& p) {
  PictureTransform one{.photo = photo, .grid_height = p.px, .grid_width = p.px * 3 / 2};
  one.sampled = one.lit = true;
  one.warps = 1;
  one.warp[0] = {1, 0.02, 0.01, -0.01, 1, 0.02, 0.05, -0.03};
  one.light_shift = 0.1;
  return one;
}

const Rows rows([] {
  for (Picture p : pictures) {
    row({"make_grey_pairs/forward/shrunk" + at(p), [=](Operands& o) -> Call {
           std::vector<PictureTransform> batch(static_cast<size_t>(p.batch));
           for (PictureTransform& one : batch) one = warped(o.in(shrunk(p), DType::u8), p);
           View input = o.out({p.batch, 3, p.px, p.px}), target = o.out(input.shape);
           return [=](Context& c) { make_grey_pairs(c, batch, input, target, normal); };
         }});
    row({"area_shrink/forward/1356x2040" + at(p),
         [=](Operands& o) -> Call {
           View photo = o.in({1356, 2040, 3}, DType::u8), y = o.out(shrunk(p), DType::f32);
           return [=](Context& c) { area_shrink_forward(c, photo, y); };
         },
         0,
         {DType::f32}});
  }
});

}  // namespace
}  // namespace cuunet::bench
