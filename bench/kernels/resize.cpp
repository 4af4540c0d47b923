// What changes the size of a map: pools, pixel shuffles, resampling, padding, cropping; and blur, which does not.
#include "bench/kernels/map.h"
#include "kernels/pixel_shuffle/pixel_shuffle.h"
#include "kernels/pixel_shuffle/shuffle_blur.h"
#include "kernels/pool/avg_pool2d.h"
#include "kernels/pool/blur.h"
#include "kernels/pool/max_pool2d.h"
#include "kernels/resample/crop.h"
#include "kernels/resample/interpolate.h"
#include "kernels/resample/pad.h"

namespace cuunet::bench {
namespace {

constexpr PadParams by_one{1, 1, 1, 1, PaddingMode::reflect};

Shape same(const Shape& x) { return x; }
Shape doubled(const Shape& x) { return interpolate_shape(x, 2 * x[2], 2 * x[3]); }
Shape shuffled(const Shape& x) { return pixel_shuffle_shape(x, 2); }
Shape without_border(const Shape& x) { return {x[0], x[1], x[2] - 2, x[3] - 2}; }

const ResizingOperator operators[] = {
    {"blur", same, [](Context& c, ConstView x, View y) { blur_forward(c, x, y); },
     [](Context& c, ConstView gy, View gx) { blur_backward(c, gy, gx); }},
    {"avg_pool2d", [](const Shape& x) { return avg_pool2d_shape(x, {}); },
     [](Context& c, ConstView x, View y) { avg_pool2d_forward(c, x, y, {}); },
     [](Context& c, ConstView gy, View gx) { avg_pool2d_backward(c, gy, gx, {}); }},
    {"pixel_shuffle", shuffled, [](Context& c, ConstView x, View y) { pixel_shuffle_forward(c, x, y, 2); },
     [](Context& c, ConstView gy, View gx) { pixel_unshuffle_forward(c, gy, gx, 2); }},
    {"shuffle_blur", shuffled, [](Context& c, ConstView x, View y) { shuffle_blur_forward(c, x, y); },
     [](Context& c, ConstView gy, View gx) { shuffle_blur_backward(c, gy, gx); }},
    {"interpolate_nearest", doubled,
     [](Context& c, ConstView x, View y) { interpolate_forward(c, x, y, Interpolation::nearest); },
     [](Context& c, ConstView gy, View gx) { interpolate_backward(c, gy, gx, Interpolation::nearest); }},
    {"interpolate_bilinear", doubled,
     [](Context& c, ConstView x, View y) { interpolate_forward(c, x, y, Interpolation::bilinear); },
     [](Context& c, ConstView gy, View gx) { interpolate_backward(c, gy, gx, Interpolation::bilinear); }},
    {"pad_reflect", [](const Shape& x) { return pad_shape(x, by_one); },
     [](Context& c, ConstView x, View y) { pad_forward(c, x, y, by_one); },
     [](Context& c, ConstView gy, View gx) { pad_backward(c, gy, gx, by_one); }},
    {"crop", without_border, [](Context& c, ConstView x, View y) { crop_forward(c, x, y, {.h = 1, .w = 1}); },
     [](Context& c, ConstView gy, View gx) { crop_backward(c, gy, gx, {.h = 1, .w = 1}); }},
};

void max_pool2d_rows(const std::string& name, const MaxPoolParams& params, const Map& map, const Picture& p) {
  Shape x_shape = map.shape(p), y_shape = max_pool2d_shape(x_shape, params);
  row({name + "/forward/" + map.text(p), [=](Operands& o) -> Call {
         View x = o.in(x_shape), y = o.out(y_shape), positions = o.out(y_shape, DType::u8);
         return [=](Context& c) { max_pool2d_forward(c, x, y, positions, params); };
       }});
  row({name + "/indices/" + map.text(p),
       [=](Operands& o) -> Call {
         View positions = o.in(y_shape, DType::u8), indices = o.out(y_shape, DType::i64);
         return [=](Context& c) { max_pool2d_indices(c, positions, indices, x_shape[3], params); };
       },
       0,
       {DType::f32}});
  row({name + "/backward/" + map.text(p), [=](Operands& o) -> Call {
         View positions = o.in(y_shape, DType::u8), grad_y = o.in(y_shape), grad_x = o.out(x_shape);
         return [=](Context& c) { max_pool2d_backward(c, positions, grad_y, grad_x, params); };
       }});
}

const Rows rows([] {
  for (Picture p : pictures) {
    for (const ResizingOperator& op : operators)
      for (const Map& map : {Map{512, 4}, Map{384, 2}}) resizing_rows(op, map, p);  // as the last two shuffles see them
    max_pool2d_rows("max_pool2d_3x3", {3, 2, 1}, half, p);
    max_pool2d_rows("max_pool2d_2x2", {2, 2, 0}, deep, p);
  }
});

}  // namespace
}  // namespace cuunet::bench
