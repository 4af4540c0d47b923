// Rows of operators that make a map of x's size, or another, from a map x and, backward, grad_x from grad_y: most
// operators need no more than a line.
#pragma once

#include "bench/kernels/row.h"

namespace cuunet::bench {

// Where in the network a map lies: its channels, and picture size / map size.
struct Map {
  int64_t channels, shrink;
  Shape shape(const Picture& p) const { return {p.batch, channels, p.px / shrink, p.px / shrink}; }
  std::string text(const Picture& p) const { return std::to_string(channels) + at(p); }
};

// The residual block at full size, the last block's skip, the loss network's second tap.
inline constexpr Map full{99, 1}, half{64, 2}, deep{512, 8};

// One operator, forward and backward. saved: what backward reads besides grad_y, x or y, of x's or y's shape.
struct MapOperator {
  const char* name;
  void (*forward)(Context&, ConstView x, View y);
  void (*backward)(Context&, ConstView saved, ConstView grad_y, View grad_x);
};

inline void map_rows(const MapOperator& op, const Map& map, const Picture& p) {
  Shape shape = map.shape(p);
  row({std::string(op.name) + "/forward/" + map.text(p), [=](Operands& o) -> Call {
         View x = o.in(shape), y = o.out(shape);
         return [=](Context& c) { op.forward(c, x, y); };
       }});
  row({std::string(op.name) + "/backward/" + map.text(p), [=](Operands& o) -> Call {
         View saved = o.in(shape), grad_y = o.in(shape), grad_x = o.out(shape);
         return [=](Context& c) { op.backward(c, saved, grad_y, grad_x); };
       }});
}

// An operator that changes the size of the map and whose gradient reads grad_y alone.
struct ResizingOperator {
  const char* name;
  Shape (*y_shape)(const Shape& x);
  void (*forward)(Context&, ConstView x, View y);
  void (*backward)(Context&, ConstView grad_y, View grad_x);
};

inline void resizing_rows(const ResizingOperator& op, const Map& map, const Picture& p) {
  Shape x_shape = map.shape(p), y_shape = op.y_shape(x_shape);
  row({std::string(op.name) + "/forward/" + map.text(p), [=](Operands& o) -> Call {
         View x = o.in(x_shape), y = o.out(y_shape);
         return [=](Context& c) { op.forward(c, x, y); };
       }});
  row({std::string(op.name) + "/backward/" + map.text(p), [=](Operands& o) -> Call {
         View grad_y = o.in(y_shape), grad_x = o.out(x_shape);
         return [=](Context& c) { op.backward(c, grad_y, grad_x); };
       }});
}

}  // namespace cuunet::bench
