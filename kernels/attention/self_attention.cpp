#include "kernels/attention/self_attention.h"

#include "kernels/attention/softmax_row.h"
#include "kernels/device/copy.h"
#include "kernels/device/lane_sums.h"
#include "kernels/device/parallel.h"
#include "kernels/linalg/matrix_product.h"

namespace cuunet {

void require_self_attention(const SelfAttentionInputs& in, const Shape& x) {
  auto expect = [&](const char* name, ConstView view, const Shape& shape) {
    if (!(view.shape == shape)) {
      throw ShapeError("self_attention of {} expects {} {}, got {}", x.text(), name, shape.text(), view.shape.text());
    }
  };
  if (x.rank() != 4 || in.query.shape.rank() != 4) {
    throw ShapeError("self_attention expects [N, C, H, W], got {} and query {}", x.text(), in.query.shape.text());
  }
  Shape inner{x[0], in.query.c(), x[2], x[3]};
  expect("query", in.query, inner);
  expect("key", in.key, inner);
  expect("value", in.value, x);
  if (in.gamma.elements() != 1) throw ShapeError("self_attention expects one gamma, got {}", in.gamma.shape.text());
}

namespace {

// Pixels first … first+count-1 of image n, one per row.
template <class Void>
BasicMatrix<Void> pixels_of(const BasicView<Void>& x, int64_t n, int64_t first, int64_t count) {
  using Byte = std::conditional_t<std::is_const_v<Void>, const char, char>;
  int64_t skipped = (n * x.h() * x.w() + first) * x.pixel_stride * static_cast<int64_t>(size_of(x.dtype));
  return {static_cast<Byte*>(x.data) + skipped, x.dtype, count, x.c(), x.pixel_stride, 1, 0};
}

// Columns of the attention matrix that are worked on together: about 8 MB of f32.
int64_t columns_at_once(int64_t pixels) {
  return std::min(pixels, std::max<int64_t>(32, (int64_t{1} << 21) / std::max<int64_t>(1, pixels)));
}

// attention[·,j] as row j of p, for the columns first … first+count-1 of image n.
template <class A>
void attend(Context& context, const SelfAttentionInputs& in, int64_t n, int64_t first, int64_t count, Matrix p) {
  int64_t pixels = p.columns;
  multiply(context, pixels_of(in.key, n, first, count), pixels_of(in.query, n, 0, pixels).transposed(), p);
  parallel_for(context, count, 4, [=](int64_t begin, int64_t end) {
    for (int64_t j = begin; j < end; ++j) softmax_row(static_cast<A*>(p.data) + j * pixels, pixels);
  });
}

template <class A>
void forward_in(Context& context, const SelfAttentionInputs& in, ConstView x, View y) {
  int64_t pixels = x.h() * x.w(), block = columns_at_once(pixels);
  Workspace memory(context, static_cast<size_t>(block * pixels) * sizeof(A));
  copy(context, x, y);
  for (int64_t n = 0; n < x.n(); ++n) {
    for (int64_t first = 0; first < pixels; first += block) {
      int64_t count = std::min(block, pixels - first);
      Matrix p{memory.as<A>(), dtype_of<A>, count, pixels, pixels, 1, 0};
      attend<A>(context, in, n, first, count, p);
      multiply(context, p, pixels_of(in.value, n, 0, pixels), pixels_of(y, n, first, count),
               {.scale = static_cast<double>(in.gamma.as<A>()[0]), .accumulate = true});
    }
  }
}

// A gradient that is summed over blocks, in the type of sums, and stored when it is complete.
template <class A>
class SummedGradient {
 public:
  SummedGradient(Context& context, View target)
      : context_(context),
        target_(target),
        memory_(context, target.empty() ? 0 : static_cast<size_t>(owner_storage_elements(target.shape)) * sizeof(A)) {
    if (target.empty()) return;
    int64_t stride = owner_pixel_stride(target.shape);
    sum = {memory_.as<A>(), dtype_of<A>, target.shape, stride, stride};
    fill_zero(context, sum);
  }
  void store() {
    if (!target_.empty()) copy(context_, sum, target_);
  }
  View sum;

 private:
  Context& context_;
  View target_;
  Workspace memory_;
};

// On entry t[j,i] = T[i,j]; on return E[i,j]. row_sums[j] = Σ_i attention · T.
template <class A>
void differentiate_softmax(Context& context, Matrix p, Matrix t, double gamma, double* row_sums) {
  int64_t pixels = p.columns;
  parallel_for(context, p.rows, 4, [=](int64_t begin, int64_t end) {
    for (int64_t j = begin; j < end; ++j) {
      const A* attention = static_cast<const A*>(p.data) + j * pixels;
      A* row = static_cast<A*>(t.data) + j * pixels;
      row_sums[j] = sum_of_products(attention, row, pixels);
      A mean = static_cast<A>(row_sums[j]), scale = static_cast<A>(gamma);
      for (int64_t i = 0; i < pixels; ++i) row[i] = scale * attention[i] * (row[i] - mean);
    }
  });
}

template <class A>
void backward_in(Context& context, const SelfAttentionInputs& in, ConstView grad_y,
                 const SelfAttentionGradients& grad) {
  int64_t pixels = grad_y.h() * grad_y.w(), block = columns_at_once(pixels);
  double gamma = in.gamma.as<A>()[0], grad_gamma = 0;
  Workspace p_memory(context, static_cast<size_t>(block * pixels) * sizeof(A));
  Workspace t_memory(context, static_cast<size_t>(block * pixels) * sizeof(A));
  Workspace sums(context, static_cast<size_t>(block) * sizeof(double));
  SummedGradient<A> query(context, grad.query), value(context, grad.value);
  for (int64_t n = 0; n < grad_y.n(); ++n) {
    for (int64_t first = 0; first < pixels; first += block) {
      int64_t count = std::min(block, pixels - first);
      Matrix p{p_memory.as<A>(), dtype_of<A>, count, pixels, pixels, 1, 0};
      Matrix t{t_memory.as<A>(), dtype_of<A>, count, pixels, pixels, 1, 0};
      ConstMatrix upstream = pixels_of(grad_y, n, first, count);
      attend<A>(context, in, n, first, count, p);
      if (!grad.value.empty()) {
        multiply(context, ConstMatrix(p).transposed(), upstream, pixels_of(value.sum, n, 0, pixels),
                 {.scale = gamma, .accumulate = true});
      }
      multiply(context, upstream, pixels_of(in.value, n, 0, pixels).transposed(), t);
      differentiate_softmax<A>(context, p, t, gamma, sums.as<double>());
      for (int64_t j = 0; j < count; ++j) grad_gamma += sums.as<double>()[j];
      if (!grad.key.empty()) {
        multiply(context, t, pixels_of(in.query, n, 0, pixels), pixels_of(grad.key, n, first, count));
      }
      if (!grad.query.empty()) {
        multiply(context, ConstMatrix(t).transposed(), pixels_of(in.key, n, first, count),
                 pixels_of(query.sum, n, 0, pixels), {.accumulate = true});
      }
    }
  }
  query.store();
  value.store();
  if (!grad.key.empty()) zero_pad_lanes(context, grad.key);
  if (!grad.gamma.empty()) grad.gamma.as<A>()[0] = static_cast<A>(grad_gamma);
}

void forward(Context& context, const SelfAttentionInputs& in, ConstView x, View y) {
  require_self_attention(in, x.shape);
  if (x.dtype == DType::f64) return forward_in<double>(context, in, x, y);
  forward_in<float>(context, in, x, y);
}

void backward(Context& context, const SelfAttentionInputs& in, ConstView grad_y, const SelfAttentionGradients& grad) {
  require_self_attention(in, grad_y.shape);
  if (grad_y.dtype == DType::f64) return backward_in<double>(context, in, grad_y, grad);
  backward_in<float>(context, in, grad_y, grad);
}

const Implementation forward_on_cpu{self_attention_forward, Device::cpu, forward};
const Implementation backward_on_cpu{self_attention_backward, Device::cpu, backward};

}  // namespace
}  // namespace cuunet
