#include "bench/kernels/map.h"
#include "kernels/activation/dropout.h"
#include "kernels/activation/leaky_relu.h"
#include "kernels/activation/relu.h"
#include "kernels/activation/sigmoid.h"
#include "kernels/activation/tanh.h"

namespace cuunet::bench {
namespace {

constexpr DropoutParams elements{.p = 0.5, .seed = 1}, maps{.p = 0.5, .per_map = true, .seed = 1};

const MapOperator operators[] = {
    {"relu", [](Context& c, ConstView x, View y) { relu_forward(c, x, y); },
     [](Context& c, ConstView y, ConstView gy, View gx) { relu_backward(c, y, gy, gx); }},
    {"leaky_relu", [](Context& c, ConstView x, View y) { leaky_relu_forward(c, x, y, 0.2); },
     [](Context& c, ConstView y, ConstView gy, View gx) { leaky_relu_backward(c, y, gy, gx, 0.2); }},
    {"sigmoid",
     [](Context& c, ConstView x, View y) {
       sigmoid_forward(c, x, y, {-3, 3});
     },
     [](Context& c, ConstView x, ConstView gy, View gx) {
       sigmoid_backward(c, x, gy, gx, {-3, 3});
     }},
    {"tanh", [](Context& c, ConstView x, View y) { tanh_forward(c, x, y); },
     [](Context& c, ConstView x, ConstView gy, View gx) { tanh_backward(c, x, gy, gx); }},
    {"dropout", [](Context& c, ConstView x, View y) { dropout_forward(c, x, y, elements); },
     [](Context& c, ConstView, ConstView gy, View gx) { dropout_forward(c, gy, gx, elements); }},
    {"dropout2d", [](Context& c, ConstView x, View y) { dropout_forward(c, x, y, maps); },
     [](Context& c, ConstView, ConstView gy, View gx) { dropout_forward(c, gy, gx, maps); }},
};

// With zeros and ones that were drawn before.
void dropout_with_mask_rows(const Map& map, const Picture& p) {
  row({"dropout_with_mask/forward/" + map.text(p), [=](Operands& o) -> Call {
         View x = o.in(map.shape(p)), mask = o.in(x.shape), y = o.out(x.shape);
         return [=](Context& c) { dropout_with_mask(c, x, mask, y, 0.5); };
       }});
}

const Rows rows([] {
  for (Picture p : pictures) {
    for (const MapOperator& op : operators)
      for (const Map& map : {full, half}) map_rows(op, map, p);
    dropout_with_mask_rows(full, p);
  }
});

}  // namespace
}  // namespace cuunet::bench
