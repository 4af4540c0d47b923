// Differentiable sums, products with scalars, concatenation and slices. Formulas and shapes: kernels/linalg,
// kernels/resample/crop.h.
#pragma once

#include "autograd/tape/tape.h"

#include <array>
#include <vector>

namespace cuunet {

// a + b, broadcasting as PyTorch does. PyTorch: a + b
Var add(const Var& a, const Var& b);

// relu(a + b) of one shape, in one pass.
Var add_relu(const Var& a, const Var& b);

// factor·x, and s·x with a learned s of one element (f32, or f64 when x is f64).
Var mul_scalar(const Var& x, double factor);
Var mul_scalar(const Var& x, const Var& s);

// Channels of [N, C_i, H, W] one after the other. Gradients are slices, not copies. PyTorch: torch.cat(inputs, dim=1)
Var concat(const std::vector<Var>& inputs);
// relu(concat(inputs)) in one pass.
Var concat_relu(const std::vector<Var>& inputs);

struct Range {
  int64_t begin, end;
};
// x[n0:n1, c0:c1, h0:h1, w0:w1]. Whole images of fewer channels share x's memory, as PyTorch's slices do.
Var slice(const Var& x, const std::array<Range, 4>& ranges);

}  // namespace cuunet
