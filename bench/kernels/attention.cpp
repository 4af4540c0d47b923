// fastai's self-attention in the second block up: 384 channels, 48 of query and key, at an eighth of the size.
#include "bench/kernels/row.h"
#include "kernels/attention/self_attention.h"
#include "kernels/attention/softmax.h"

namespace cuunet::bench {
namespace {

void softmax_rows(const Picture& p) {
  int64_t l = p.px / 8 * p.px / 8;
  Shape shape{p.batch, l, l};
  for (int dim : {1, 2}) {
    std::string what = "dim" + std::to_string(dim) + at(p);
    row({"softmax/forward/" + what, [=](Operands& o) -> Call {
           View x = o.in(shape), y = o.out(shape);
           return [=](Context& c) { softmax_forward(c, x, y, dim); };
         }});
    row({"softmax/backward/" + what, [=](Operands& o) -> Call {
           View y = o.in(shape), grad_y = o.in(shape), grad_x = o.out(shape);
           return [=](Context& c) { softmax_backward(c, y, grad_y, grad_x, dim); };
         }});
  }
}

void self_attention_rows(const Picture& p) {
  Shape narrow{p.batch, 48, p.px / 8, p.px / 8}, wide{p.batch, 384, p.px / 8, p.px / 8}, one{1};
  double l = static_cast<double>(p.px / 8 * p.px / 8), product = 2.0 * static_cast<double>(p.batch) * l * l;
  row({"self_attention/forward/384" + at(p),
       [=](Operands& o) -> Call {
         SelfAttentionInputs in{o.in(narrow), o.in(narrow), o.in(wide), o.in(one, DType::f32)};
         View x = o.in(wide), y = o.out(wide);
         return [=](Context& c) { self_attention_forward(c, in, x, y); };
       },
       product*(48 + 384)});
  row({"self_attention/backward/384" + at(p),
       [=](Operands& o) -> Call {
         SelfAttentionInputs in{o.in(narrow), o.in(narrow), o.in(wide), o.in(one, DType::f32)};
         View grad_y = o.in(wide);
         SelfAttentionGradients out{o.out(narrow), o.out(narrow), o.out(wide), o.out(one, DType::f32)};
         return [=](Context& c) { self_attention_backward(c, in, grad_y, out); };
       },
       product*(3 * 48 + 2 * 384)});
}

const Rows rows([] {
  for (Picture p : pictures) {
    softmax_rows(p);
    self_attention_rows(p);
  }
});

}  // namespace
}  // namespace cuunet::bench
