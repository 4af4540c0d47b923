#include "bench/kernels/map.h"
#include "kernels/device/copy.h"
#include "kernels/linalg/add.h"
#include "kernels/linalg/gram.h"
#include "kernels/linalg/linear.h"
#include "kernels/linalg/matmul.h"
#include "kernels/linalg/scale.h"

namespace cuunet::bench {
namespace {

// [m, k] · [k, n]: the forward pass, and the two gradients as products with one side transposed.
void matmul_rows(const std::string& what, int64_t batch, int64_t m, int64_t k, int64_t n) {
  double flops = 2.0 * static_cast<double>(batch * m * k * n);
  auto one = [&](const std::string& name, MatmulParams params) {
    Shape a = params.transpose_a ? Shape{batch, k, m} : Shape{batch, m, k};
    Shape b = params.transpose_b ? Shape{batch, n, k} : Shape{batch, k, n};
    row({"matmul/" + name + "/" + what,
         [=](Operands& o) -> Call {
           View a_ = o.in(a), b_ = o.in(b), y = o.out({batch, m, n});
           return [=](Context& c) { matmul_forward(c, a_, b_, y, params); };
         },
         flops});
  };
  one("a_b", {});
  one("at_b", {.transpose_a = true});
  one("a_bt", {.transpose_b = true});
}

// VGG's first fully connected layer.
void linear_rows(int64_t batch) {
  Shape x{batch, 25088}, w{4096, 25088}, y{batch, 4096}, bias{4096};
  double flops = 2.0 * static_cast<double>(batch) * 25088 * 4096;
  std::string what = "vgg.fc_b" + std::to_string(batch);
  row({"linear/forward/" + what,
       [=](Operands& o) -> Call {
         View x_ = o.in(x), w_ = o.in(w, DType::f32), b = o.in(bias, DType::f32), y_ = o.out(y);
         return [=](Context& c) { linear_forward(c, x_, w_, b, y_); };
       },
       flops});
  row({"linear/backward_input/" + what,
       [=](Operands& o) -> Call {
         View grad_y = o.in(y), w_ = o.in(w, DType::f32), grad_x = o.out(x);
         return [=](Context& c) { linear_backward_input(c, grad_y, w_, grad_x); };
       },
       flops});
  row({"linear/backward_weight/" + what,
       [=](Operands& o) -> Call {
         View x_ = o.in(x), grad_y = o.in(y), grad_w = o.out(w, DType::f32), grad_bias = o.out(bias, DType::f32);
         return [=](Context& c) { linear_backward_weight(c, x_, grad_y, grad_w, grad_bias); };
       },
       flops});
}

void gram_rows(const Map& map, const Picture& p) {
  Shape shape = map.shape(p), gram{p.batch, map.channels, map.channels};
  double flops = 2.0 * static_cast<double>(shape.elements() * map.channels);
  row({"gram/forward/" + map.text(p),
       [=](Operands& o) -> Call {
         View x = o.in(shape), y = o.out(gram, DType::f32);
         return [=](Context& c) { gram_forward(c, x, y); };
       },
       flops});
  row({"gram/backward/" + map.text(p),
       [=](Operands& o) -> Call {
         View x = o.in(shape), grad_y = o.in(gram, DType::f32), grad_x = o.out(shape);
         return [=](Context& c) { gram_backward(c, x, grad_y, grad_x); };
       },
       flops});
}

struct Sum {
  const char* name;
  void (*forward)(Context&, ConstView a, ConstView b, View y);
};
const Sum sums[] = {
    {"add", [](Context& c, ConstView a, ConstView b, View y) { add_forward(c, a, b, y); }},
    {"add_relu", [](Context& c, ConstView a, ConstView b, View y) { add_relu_forward(c, a, b, y); }},
};

void add_rows(const Sum& sum, const Map& map, const Picture& p) {
  Shape shape = map.shape(p);
  row({std::string(sum.name) + "/forward/" + map.text(p), [=](Operands& o) -> Call {
         View a = o.in(shape), b = o.in(shape), y = o.out(shape);
         return [=](Context& c) { sum.forward(c, a, b, y); };
       }});
}

const MapOperator scale{"scale", [](Context& c, ConstView x, View y) { scale_forward(c, x, y, 0.5); },
                        [](Context& c, ConstView, ConstView gy, View gx) { scale_forward(c, gy, gx, 0.5); }};

// A factor that is learned, as that of self-attention.
void scale_by_rows(const Map& map, const Picture& p) {
  Shape shape = map.shape(p);
  row({"scale_by/forward/" + map.text(p), [=](Operands& o) -> Call {
         View x = o.in(shape), s = o.in({1}, DType::f32), y = o.out(shape);
         return [=](Context& c) { scale_by_forward(c, x, s, y); };
       }});
  row({"scale_by/backward/" + map.text(p), [=](Operands& o) -> Call {
         View x = o.in(shape), s = o.in({1}, DType::f32), grad_y = o.in(shape);
         View grad_x = o.out(shape), grad_s = o.out({1}, DType::f32);
         return [=](Context& c) { scale_by_backward(c, x, s, grad_y, grad_x, grad_s); };
       }});
}

// A map per image and channel, added to every pixel.
void add_broadcast_rows(const Map& map, const Picture& p) {
  row({"add_broadcast/forward/" + map.text(p), [=](Operands& o) -> Call {
         View x = o.in(map.shape(p)), per_map = o.in({p.batch, map.channels, 1, 1}), y = o.out(x.shape);
         return [=](Context& c) { add_broadcast(c, x, per_map, y); };
       }});
}

void fill_rows(const Map& map, const Picture& p) {
  row({"fill_zero/forward/" + map.text(p), [=](Operands& o) -> Call {
         View y = o.out(map.shape(p));
         return [=](Context& c) { fill_zero(c, y); };
       }});
  row({"zero_pad_lanes/forward/" + map.text(p), [=](Operands& o) -> Call {
         View y = o.out(map.shape(p));
         return [=](Context& c) { zero_pad_lanes(c, y); };
       }});
}

// Concatenation is a copy into a slice of channels.
void concat_rows(const Picture& p) {
  Shape x{p.batch, 96, p.px, p.px}, y{p.batch, 99, p.px, p.px};
  row({"concat/forward/96_of_99" + at(p), [=](Operands& o) -> Call {
         View x_ = o.in(x), slice = o.out(y);
         slice.shape = x, slice.lanes = 96;
         return [=](Context& c) { copy(c, x_, slice); };
       }});
}

const Rows rows([] {
  for (int64_t size : {256, 512, 1024}) matmul_rows(std::to_string(size), 1, size, size, size);
  matmul_rows("8x512x64x512", 8, 512, 64, 512);  // the gram matrices of the second tap at 64 px
  for (int64_t batch : {1, 8}) linear_rows(batch);
  for (Picture p : pictures) {
    for (const Map& tap : {Map{256, 4}, deep, Map{512, 16}}) gram_rows(tap, p);
    for (const Sum& sum : sums)
      for (const Map& map : {full, Map{64, 4}}) add_rows(sum, map, p);
    map_rows(scale, full, p);
    scale_by_rows(full, p);
    add_broadcast_rows(full, p);
    fill_rows(full, p);
    concat_rows(p);
  }
});

}  // namespace
}  // namespace cuunet::bench
