#include "kernels/reduce/reduce.h"
#include "bench/kernels/map.h"

namespace cuunet::bench {
namespace {

constexpr unsigned per_channel = 0b1101;  // sums over n, h, w

void reduce_rows(const Map& map, const Picture& p) {
  Shape shape = map.shape(p), sums = reduced_shape(shape, per_channel, true);
  row({"reduce_sum/forward/" + map.text(p), [=](Operands& o) -> Call {
         View x = o.in(shape), y = o.out(sums, DType::f32);
         return [=](Context& c) { reduce_sum(c, x, y, {per_channel, 1}); };
       }});
  row({"reduce_sum/backward/" + map.text(p), [=](Operands& o) -> Call {
         View grad_y = o.in(sums, DType::f32), grad_x = o.out(shape);
         return [=](Context& c) { broadcast(c, grad_y, grad_x, {per_channel, 1}); };
       }});
}

const Rows rows([] {
  for (Picture p : pictures)
    for (const Map& map : {full, deep}) reduce_rows(map, p);
});

}  // namespace
}  // namespace cuunet::bench
