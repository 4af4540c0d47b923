#include "autograd/ops/arithmetic.h"

#include "autograd/ops/activation.h"
#include "kernels/activation/relu.h"
#include "kernels/device/copy.h"
#include "kernels/device/error.h"
#include "kernels/linalg/add.h"
#include "kernels/linalg/scale.h"
#include "kernels/reduce/reduce.h"
#include "kernels/resample/crop.h"

namespace cuunet {
namespace {

// The gradient of an operand that was repeated: summed over the dimensions where it has one element or none.
void sum_to_operand(Gradients& g, size_t i, const Shape& operand) {
  if (!g.needs(i)) return;
  const Shape& full = g.of_output().shape;
  if (operand == full) return g.give(i, g.of_output_tensor());
  ReducedDims reduction;
  std::array<int64_t, Shape::max_rank> kept{};
  size_t rank = 0;
  for (int d = 0; d < full.rank(); ++d) {
    int own = d - (full.rank() - operand.rank());
    if (own < 0 || (operand[own] == 1 && full[d] != 1))
      reduction.dims |= 1u << d;
    else
      kept[rank++] = full[d];
  }
  View gradient = g.wanted(i);
  // Row-major memory is the same with or without its dimensions of size one.
  if (operand.rank() < full.rank()) gradient.shape = Shape(std::span<const int64_t>(kept.data(), rank));
  reduce_sum(g.context(), g.of_output(), gradient, reduction);
}

Shape concat_shape(const std::vector<Var>& inputs) {
  if (inputs.empty()) throw ShapeError("concat expects at least one tensor, got none");
  const Shape& first = inputs[0].shape();
  int64_t channels = 0;
  for (const Var& input : inputs) {
    const Shape& s = input.shape();
    if (s.rank() != 4 || first.rank() != 4 || s[0] != first[0] || s[2] != first[2] || s[3] != first[3] ||
        input.dtype() != inputs[0].dtype()) {
      throw ShapeError("concat expects [N, C, H, W] that differ in C only, got {} {} and {} {}",
                       name_of(inputs[0].dtype()), first.text(), name_of(input.dtype()), s.text());
    }
    channels += s[1];
  }
  return {first[0], channels, first[2], first[3]};
}

// write(input, slice of y) for every input; then their ranges of channels.
template <class Write>
std::vector<Range> write_slices(const std::vector<Var>& inputs, const Var& y, const Write& write) {
  std::vector<Range> ranges;
  int64_t begin = 0;
  for (const Var& input : inputs) {
    int64_t end = begin + input.shape()[1];
    write(input.view(), y.value().channels(begin, end).view());
    ranges.push_back({begin, end});
    begin = end;
  }
  return ranges;
}

}  // namespace

Var add(const Var& a, const Var& b) {
  Shape shape = broadcast_shape("add", a.shape(), b.shape());
  Var y(Tensor::empty(a.context(), shape, a.dtype()));
  bool same = a.shape() == b.shape();
  (same ? add_forward : add_broadcast)(a.context(), a.view(), b.view(), y.view());
  record("add", {a, b}, y, [shape_a = a.shape(), shape_b = b.shape()](Gradients& g) {
    sum_to_operand(g, 0, shape_a);
    sum_to_operand(g, 1, shape_b);
  });
  return y;
}

Var add_relu(const Var& a, const Var& b) {
  Context& context = a.context();
  if (!add_relu_forward.built_for(context.device())) return relu(add(a, b));
  Var y(Tensor::empty(context, a.shape(), a.dtype()));
  add_relu_forward(context, a.view(), b.view(), y.view());
  record("add_relu", {a, b}, y, [y = save(y)](Gradients& g) {
    size_t first = g.needs(0) ? 0 : 1;
    relu_backward(g.context(), y.view(), g.of_output(), g.wanted(first));
    if (first == 0 && g.needs(1)) g.give(1, g.wanted_tensor(0));
  });
  return y;
}

Var mul_scalar(const Var& x, double factor) {
  Var y(Tensor::empty(x.context(), x.shape(), x.dtype()));
  scale_forward(x.context(), x.view(), y.view(), factor);
  record("mul_scalar", {x}, y,
         [factor](Gradients& g) { scale_forward(g.context(), g.of_output(), g.wanted(0), factor); });
  return y;
}

Var mul_scalar(const Var& x, const Var& s) {
  Var y(Tensor::empty(x.context(), x.shape(), x.dtype()));
  scale_by_forward(x.context(), x.view(), s.view(), y.view());
  record("mul_scalar", {x, s}, y, [x = save(x), s = save(s)](Gradients& g) {
    scale_by_backward(g.context(), x.view(), s.view(), g.of_output(), g.wanted(0), g.wanted(1));
  });
  return y;
}

Var concat(const std::vector<Var>& inputs) {
  Shape shape = concat_shape(inputs);
  Context& context = inputs[0].context();
  Var y(Tensor::empty(context, shape, inputs[0].dtype()));
  auto ranges = write_slices(inputs, y, [&](View x, View part) { copy(context, x, part); });
  record("concat", inputs, y, {}, [ranges](Gradients& g) {
    for (size_t i = 0; i < ranges.size(); ++i) g.give(i, g.of_output_tensor().channels(ranges[i].begin, ranges[i].end));
  });
  return y;
}

Var concat_relu(const std::vector<Var>& inputs) {
  Shape shape = concat_shape(inputs);
  Context& context = inputs[0].context();
  Var y(Tensor::empty(context, shape, inputs[0].dtype()));
  auto ranges = write_slices(inputs, y, [&](View x, View part) { relu_forward(context, x, part); });
  record("concat_relu", inputs, y, {}, [ranges, y = save(y)](Gradients& g) {
    for (size_t i = 0; i < ranges.size(); ++i) {
      if (!g.needs(i)) continue;
      auto [begin, end] = ranges[i];
      relu_backward(g.context(), y.tensor().channels(begin, end).view(),
                    g.of_output_tensor().channels(begin, end).view(), g.wanted(i));
    }
  });
  return y;
}

Var slice(const Var& x, const std::array<Range, 4>& ranges) {
  const Shape& s = x.shape();
  bool inside = s.rank() == 4;
  for (int d = 0; inside && d < 4; ++d) {
    auto [begin, end] = ranges[static_cast<size_t>(d)];
    inside = 0 <= begin && begin < end && end <= s[d];
  }
  auto [n, c, h, w] = ranges;
  if (!inside) {
    throw ShapeError("slice [{}:{}, {}:{}, {}:{}, {}:{}] is not inside {}", n.begin, n.end, c.begin, c.end, h.begin,
                     h.end, w.begin, w.end, s.text());
  }
  CropOrigin origin{n.begin, c.begin, h.begin, w.begin};
  bool whole_images = h.end - h.begin == s[2] && w.end - w.begin == s[3];
  Shape shape{n.end - n.begin, c.end - c.begin, h.end - h.begin, w.end - w.begin};
  Var y(whole_images ? x.value().images(n.begin, n.end).channels(c.begin, c.end)
                     : Tensor::empty(x.context(), shape, x.dtype()));
  if (!whole_images) crop_forward(x.context(), x.view(), y.view(), origin);
  record("slice", {x}, y, [origin](Gradients& g) { crop_backward(g.context(), g.of_output(), g.wanted(0), origin); });
  return y;
}

}  // namespace cuunet
