// Views as an implementation takes them: dense, of one type, with their border written out; copies in scratch memory
// where they are not so already.
#pragma once

#include "kernels/conv/border.h"
#include "kernels/conv/conv2d.h"
#include "kernels/device/copy.h"

namespace cuunet {

// An owner's layout in scratch memory.
class Scratch {
 public:
  Scratch(Context& context, const Shape& shape, DType dtype, bool needed = true)
      : memory_(context, needed ? static_cast<size_t>(owner_storage_elements(shape)) * size_of(dtype) : 0) {
    int64_t stride = owner_pixel_stride(shape);
    if (needed) view = {memory_.as<char>(), dtype, shape, stride, stride};
  }
  View view;

 private:
  Workspace memory_;
};

// x itself where it is dense and of the wanted type, else a copy that is.
class Dense {
 public:
  Dense(Context& context, ConstView x, DType dtype)
      : copy_(context, x.shape, dtype, !x.whole() || x.dtype != dtype), view(copy_.view.empty() ? x : copy_.view) {
    if (!copy_.view.empty()) copy(context, x, copy_.view);
  }

 private:
  Scratch copy_;

 public:
  ConstView view;
};

// y itself where a primitive can write it, else memory that store() copies into y.
class DenseResult {
 public:
  DenseResult(Context& context, View y, DType dtype)
      : context_(context),
        y_(y),
        copy_(context, y.shape, dtype, !y.whole() || y.dtype != dtype),
        view(copy_.view.empty() ? y : copy_.view) {}
  void store() {
    if (!copy_.view.empty())
      copy(context_, copy_.view, y_);
    else if (y_.c() % 8 != 0)
      zero_pad_lanes(context_, y_);  // 0 · NaN may have gone there
  }

 private:
  Context& context_;
  View y_;
  Scratch copy_;

 public:
  View view;
};

// Whether the padding is something else than zeros.
inline bool has_border(const Conv2dParams& params) {
  return params.padding > 0 && params.padding_mode != PaddingMode::zeros;
}

// x with its border written out, where it has one; params then pad no more.
struct Bordered {
  Bordered(Context& context, ConstView x, Conv2dParams& params)
      : needed(has_border(params)),
        padded(context, shape_with(x.shape, params.padding), x.dtype, needed),
        view(needed ? ConstView(padded.view) : x) {
    if (!needed) return;
    write_border(context, x, padded.view, params.padding, params.padding_mode);
    params.padding = 0;
  }
  static Shape shape_with(const Shape& x, int64_t padding) {
    return {x[0], x[1], x[2] + 2 * padding, x[3] + 2 * padding};
  }
  bool needed;
  Scratch padded;
  ConstView view;
};

// grad_x itself or, where it has a border, memory with room for that, which store() folds into grad_x; params then pad
// no more. With a border grad_x is f32 or f64.
class BorderedResult {
 public:
  BorderedResult(Context& context, View grad_x, Conv2dParams& params)
      : context_(context),
        grad_x_(grad_x),
        params_(params),
        padded_(context, Bordered::shape_with(grad_x.shape, params.padding), grad_x.dtype, has_border(params)),
        view(padded_.view.empty() ? grad_x : padded_.view) {
    if (has_border(params)) params.padding = 0;
  }
  void store() {
    if (has_border(params_)) fold_border(context_, view, grad_x_, params_.padding, params_.padding_mode);
  }

 private:
  Context& context_;
  View grad_x_;
  Conv2dParams params_;
  Scratch padded_;

 public:
  View view;
};

}  // namespace cuunet
