#include "kernels/conv/conv2d_cudnn.h"

#include "kernels/conv/add_bias.h"
#include "kernels/conv/conv2d_peer.h"
#include "kernels/conv/dense_views.h"
#include "kernels/resample/pad.h"

namespace cuunet {
namespace {

PadParams all_sides(const Conv2dParams& params) {
  return {params.padding, params.padding, params.padding, params.padding, params.padding_mode};
}

// x with its border, dense; params then pad no more.
class Image {
 public:
  Image(Context& context, ConstView x, Conv2dParams& params)
      : border_(context, Bordered::shape_with(x.shape, params.padding), x.dtype, has_border(params)),
        dense_(context, bordered(context, x, params), x.dtype),
        view(dense_.view) {}

 private:
  ConstView bordered(Context& context, ConstView x, Conv2dParams& params) const {
    if (!has_border(params)) return x;
    pad_forward(context, x, border_.view, all_sides(params));
    params.padding = 0;
    return border_.view;
  }
  Scratch border_;
  Dense dense_;

 public:
  ConstView view;
};

// All rows of [K rounded up, C, R, S] beyond the first `outputs`.
View rows_from(const View& w, int64_t outputs) {
  View rest = w;
  rest.shape = {w.n() - outputs, w.c(), w.h(), w.w()};
  rest.data = w.as<char>() + outputs * w.h() * w.w() * w.pixel_stride * static_cast<int64_t>(size_of(w.dtype));
  return rest;
}

View first_rows(View w, int64_t outputs) {
  w.shape = {outputs, w.c(), w.h(), w.w()};
  return w;
}

bool fits_as_is(ConstView w, DType dtype) { return w.whole() && w.dtype == dtype && w.n() % 8 == 0; }

Shape with_outputs_rounded_up(const Shape& w) { return {padded_channels(w[0]), w[1], w[2], w[3]}; }

// w itself where cuDNN can read it, else a copy in the images' type with outputs of zeros added.
class Weights {
 public:
  Weights(Context& context, ConstView w, DType dtype)
      : copy_(context, with_outputs_rounded_up(w.shape), dtype, !fits_as_is(w, dtype)),
        data(copy_.view.empty() ? w.data : copy_.view.data) {
    if (copy_.view.empty()) return;
    copy(context, w, first_rows(copy_.view, w.n()));
    if (copy_.view.n() > w.n()) fill_zero(context, rows_from(copy_.view, w.n()));
  }

 private:
  Scratch copy_;

 public:
  const void* data;
};

// [K] in the images' type, filled up with zeros to a multiple of 8.
class Bias {
 public:
  Bias(Context& context, ConstView bias, DType dtype) : copy_(context, {1, bias.elements(), 1, 1}, dtype) {
    copy(context, {bias.data, bias.dtype, copy_.view.shape, bias.elements(), bias.elements()}, copy_.view);
  }
  const void* data() const { return copy_.view.data; }

 private:
  Scratch copy_;
};

bool forward_with_bias(CudnnSession& session, Context& context, const DenseProblem& problem, ConstView x,
                       const Weights& w, ConstView bias, View y, bool relu) {
  if (bias.empty()) return false;
  Bias padded(context, bias, x.dtype);
  return session.forward(context, problem, x.data, w.data, y.data, {padded.data(), relu});
}

DenseProblem problem_of(const Context& context, ConstView x, const Shape& w, const Shape& y,
                        const Conv2dParams& params) {
  return dense_problem(x.shape, w, y, x.dtype, context.allow_tf32, params);
}

struct KeptSession {
  CudnnSession session;
};

CudnnSession& session_of(Context& context) { return context.state<KeptSession>().session; }

void forward(Context& context, ConstView x, ConstView w, ConstView bias, View y, const Conv2dParams& params) {
  cudnn_conv2d_forward(session_of(context), context, x, w, bias, y, params);
}

void backward_input(Context& context, ConstView grad_y, ConstView w, ConstView bias, View grad_x,
                    const Conv2dParams& params) {
  cudnn_conv2d_backward_input(session_of(context), context, grad_y, w, bias, grad_x, params);
}

void backward_weight(Context& context, ConstView x, ConstView grad_y, View grad_w, const Conv2dParams& params) {
  cudnn_conv2d_backward_weight(session_of(context), context, x, grad_y, grad_w, params);
}

const PeerImplementation forward_here{conv2d_peer.forward, forward};
const PeerImplementation backward_input_here{conv2d_peer.backward_input, backward_input};
const PeerImplementation backward_weight_here{conv2d_peer.backward_weight, backward_weight};

}  // namespace

void cudnn_conv2d_forward(CudnnSession& session, Context& context, ConstView x, ConstView w, ConstView bias, View y,
                          const Conv2dParams& params) {
  Conv2dParams unbordered = params;
  Image image(context, x, unbordered);
  Weights weights(context, w, x.dtype);
  DenseResult result(context, y, x.dtype);
  DenseProblem problem = problem_of(context, image.view, w.shape, y.shape, unbordered);
  if (!forward_with_bias(session, context, problem, image.view, weights, bias, result.view, params.relu)) {
    session.forward(context, problem, image.view.data, weights.data, result.view.data);
    if (!bias.empty() || params.relu) add_bias(context, bias, result.view, params.relu);
  }
  result.store();
}

void cudnn_conv2d_backward_input(CudnnSession& session, Context& context, ConstView grad_y, ConstView w, ConstView bias,
                                 View grad_x, const Conv2dParams& params) {
  bool border = has_border(params);
  Conv2dParams unbordered = params;
  if (border) unbordered.padding = 0;
  Dense upstream(context, grad_y, grad_x.dtype);
  Weights weights(context, w, grad_x.dtype);
  Scratch padded(context, Bordered::shape_with(grad_x.shape, params.padding), grad_x.dtype, border);
  DenseResult result(context, border ? padded.view : grad_x, grad_x.dtype);
  session.backward_input(context, problem_of(context, result.view, w.shape, grad_y.shape, unbordered),
                         upstream.view.data, weights.data, result.view.data);
  if (!bias.empty()) add_bias(context, bias, result.view, false);
  result.store();
  if (border) pad_backward(context, padded.view, grad_x, all_sides(params));
}

void cudnn_conv2d_backward_weight(CudnnSession& session, Context& context, ConstView x, ConstView grad_y, View grad_w,
                                  const Conv2dParams& params) {
  Conv2dParams unbordered = params;
  Image image(context, x, unbordered);
  Dense upstream(context, grad_y, x.dtype);
  bool direct = fits_as_is(grad_w, x.dtype);
  Scratch scratch(context, with_outputs_rounded_up(grad_w.shape), x.dtype, !direct);
  session.backward_weight(context, problem_of(context, image.view, grad_w.shape, grad_y.shape, unbordered),
                          image.view.data, upstream.view.data, direct ? grad_w.data : scratch.view.data);
  if (!direct)
    copy(context, first_rows(scratch.view, grad_w.n()), grad_w);
  else if (grad_w.c() % 8 != 0)
    zero_pad_lanes(context, grad_w);  // 0 · NaN may have gone there
}

}  // namespace cuunet
