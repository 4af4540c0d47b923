// One checker for every differentiable operator. A test is a table of rows:
//
//   for (const OperatorCase& row : {
//     OperatorCase{"relu/padded_tail", {{{2, 99, 3, 3}}}, [](const Vars& in) { return relu(in[0]); }},
//     OperatorCase{"mul_scalar/learned", {{{2, 3, 4, 5}}, {.shape = {1}, .offset = 0.5, .parameter = true}},
//                  [](const Vars& in) { return mul_scalar(in[0], in[1]); }, {.f32 = 1e-6, .bf16 = 8e-3}},
//   }) check_operator(row);
//
// check_operator runs the function on the CPU and checks
//   - every gradient against central differences in f64 (at most 48 elements per input),
//   - y and every gradient in f32 and in bf16 against f64 of the same inputs (which are exact in bf16),
//   - inputs and upstream gradient given as channel slices: the same bits as from whole tensors, neighbours untouched,
//   - one, two and three threads, and a second run: the same bits,
//   - the pad lanes of y and of the gradients are zero.
// A failure prints the row's name, the tensor, the element, both values and the share of the tolerance used.
// Where the function has a kink, keep the row small: a parameter that moves ten thousand values by the step of the
// central difference moves some of them across. The function may be called often: state that it changes (running
// statistics) it makes anew from in[0].context().
#pragma once

#include "autograd/tape/tape.h"
#include "engine/device/host_context.h"

#include <functional>
#include <string>
#include <vector>

namespace cuunet {

using Vars = std::vector<Var>;

struct OperatorInput {
  Shape shape;
  double offset = 0, scale = 1;  // values are offset + scale·u, u uniform in [-1, 1)
  bool parameter = false;        // stays f32 when feature maps are bf16, and is never given as a slice
  bool grad = true;
};

// Largest |got - f64| allowed, as a share of the tensor's largest |f64|.
struct OperatorTolerance {
  double f32 = 1e-6;         // a few roundings of 2^-24
  double bf16 = 1.0 / 256;   // one rounding of the result to bf16, 2^-9 of its value, doubled
  double difference = 1e-6;  // of the central difference: step² and 1e-16/step, step 1e-5
};

struct OperatorCase {
  std::string name;
  std::vector<OperatorInput> inputs;
  std::function<Var(const Vars&)> function;
  OperatorTolerance tolerance = {};
  bool any_threads = true;  // false where the bits depend on the number of threads, as in oneDNN's weight gradients
};

void check_operator(const OperatorCase& row);

// A tensor of `shape` as a channel slice of a wider one whose other channels hold a guard value.
class GuardedSlice {
 public:
  GuardedSlice(Context& context, const Shape& shape, DType dtype);
  const Tensor& slice() const { return slice_; }
  bool intact() const;  // whether the neighbouring channels still hold the guard value

 private:
  Tensor owner_, slice_;
};

// Whether all pad lanes of a view are zero.
bool pad_lanes_are_zero(ConstView view);

// Values offset + scale·u in PyTorch's order, u uniform in [-1, 1) and drawn by name; rounded to bf16 when `exact`.
std::vector<double> named_inputs(const std::string& name, const Shape& shape, double offset = 0, double scale = 1,
                                 bool exact = true);

// Runs kernel(context, inputs, y) with y an owner and with y a guarded channel slice, inputs whole and as slices:
// the same values each time, guards intact, pad lanes zero. For f32 and bf16.
void check_slices(const std::string& name, const std::vector<Shape>& inputs, const Shape& output,
                  const std::function<void(Context&, const std::vector<ConstView>&, View)>& kernel);

}  // namespace cuunet
