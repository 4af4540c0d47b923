#include "bench/kernels/map.h"
#include "kernels/loss/bce_with_logits.h"
#include "kernels/loss/edge_maps.h"
#include "kernels/loss/l1_loss.h"
#include "kernels/loss/mse_loss.h"
#include "kernels/loss/smooth_l1_loss.h"
#include "kernels/loss/total_variation.h"

namespace cuunet::bench {
namespace {

constexpr Reduction mean = Reduction::mean;

// A loss of a prediction and a target; the target gets no gradient.
struct LossOperator {
  const char* name;
  void (*forward)(Context&, ConstView x, ConstView target, View loss);
  void (*backward)(Context&, ConstView x, ConstView target, ConstView grad_loss, View grad_x);
};

const LossOperator operators[] = {
    {"l1_loss", [](Context& c, ConstView x, ConstView t, View l) { l1_loss_forward(c, x, t, l, mean); },
     [](Context& c, ConstView x, ConstView t, ConstView g, View gx) { l1_loss_backward(c, x, t, g, gx, {}, mean); }},
    {"mse_loss", [](Context& c, ConstView x, ConstView t, View l) { mse_loss_forward(c, x, t, l, mean); },
     [](Context& c, ConstView x, ConstView t, ConstView g, View gx) { mse_loss_backward(c, x, t, g, gx, {}, mean); }},
    {"bce_with_logits", [](Context& c, ConstView x, ConstView t, View l) { bce_with_logits_forward(c, x, t, l, mean); },
     [](Context& c, ConstView x, ConstView t, ConstView g, View gx) {
       bce_with_logits_backward(c, x, t, g, gx, mean);
     }},
    {"smooth_l1_loss", [](Context& c, ConstView x, ConstView t, View l) { smooth_l1_loss_forward(c, x, t, l, {}); },
     [](Context& c, ConstView x, ConstView t, ConstView g, View gx) {
       smooth_l1_loss_backward(c, x, t, g, gx, {}, {});
     }},
    {"total_variation", [](Context& c, ConstView x, ConstView, View l) { total_variation_forward(c, x, l, mean); },
     [](Context& c, ConstView x, ConstView, ConstView g, View gx) { total_variation_backward(c, x, g, gx, mean); }},
};

void loss_rows(const LossOperator& op, const Map& map, const Picture& p) {
  Shape shape = map.shape(p);
  row({std::string(op.name) + "/forward/" + map.text(p), [=](Operands& o) -> Call {
         View x = o.in(shape), target = o.in(shape), loss = o.out({}, DType::f32);
         return [=](Context& c) { op.forward(c, x, target, loss); };
       }});
  row({std::string(op.name) + "/backward/" + map.text(p), [=](Operands& o) -> Call {
         View x = o.in(shape), target = o.in(shape), grad_loss = o.in({}, DType::f32), grad_x = o.out(shape);
         return [=](Context& c) { op.backward(c, x, target, grad_loss, grad_x); };
       }});
}

void edge_rows(const Picture& p) {
  Shape picture{p.batch, 3, p.px, p.px}, map{p.batch, 1, p.px, p.px};
  constexpr DType f32 = DType::f32;
  row({"sobel/forward/3" + at(p), [=](Operands& o) -> Call {
         View x = o.in(picture), gx = o.out(map, f32), gy = o.out(map, f32), y = o.out(map, f32);
         return [=](Context& c) { sobel_forward(c, x, gx, gy, y, PaddingMode::zeros); };
       }});
  row({"sobel/backward/3" + at(p), [=](Operands& o) -> Call {
         View gx = o.in(map, f32), gy = o.in(map, f32), y = o.in(map, f32), grad_y = o.in(map, f32),
              grad_x = o.out(picture, f32);
         return [=](Context& c) { sobel_backward(c, gx, gy, y, grad_y, grad_x, PaddingMode::zeros); };
       }});
  row({"laplacian/forward/3" + at(p), [=](Operands& o) -> Call {
         View x = o.in(picture), y = o.out(map, f32);
         return [=](Context& c) { laplacian_forward(c, x, y, PaddingMode::zeros); };
       }});
  row({"laplacian/backward/3" + at(p), [=](Operands& o) -> Call {
         View grad_y = o.in(map, f32), grad_x = o.out(picture, f32);
         return [=](Context& c) { laplacian_backward(c, grad_y, grad_x, PaddingMode::zeros); };
       }});
}

const Rows rows([] {
  for (Picture p : pictures) {
    for (const LossOperator& op : operators)
      for (const Map& map : {Map{3, 1}, Map{256, 4}, deep}) loss_rows(op, map, p);
    edge_rows(p);
  }
});

}  // namespace
}  // namespace cuunet::bench
