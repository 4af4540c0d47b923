// The tape: one entry per operator, replayed in reverse by backward().
//
//   Var relu(const Var& x) {
//     Var y(Tensor::empty(x.context(), x.shape(), x.dtype()));
//     relu_forward(x.context(), x.view(), y.view());
//     record("relu", {x}, y, [y = save(y)](Gradients& g) {
//       relu_backward(g.context(), y.view(), g.of_output(), g.wanted(0));
//     });
//     return y;
//   }
//
// An operator is recorded when a tape is recording (Recording, below) and one of its inputs requires a gradient.
#pragma once

#include "autograd/tape/var.h"

#include <any>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

namespace cuunet {

// What a gradient closure works with.
class Gradients {
 public:
  Context& context() const { return of_output_.context(); }
  // The gradient of the output; whole or a slice, of the output's shape.
  ConstView of_output() const { return of_output_.view(); }
  const Tensor& of_output_tensor() const { return of_output_; }

  // Whether anyone needs the gradient of input i.
  bool needs(size_t i) const { return inputs_[i] != nullptr; }
  // Memory of input i's shape for the gradient to be written to (not added); an empty view when nobody needs it.
  View wanted(size_t i) { return needs(i) ? wanted_tensor(i).view() : View{}; }
  // The same, as a tensor; only when needs(i).
  Tensor& wanted_tensor(size_t i);
  // Gives an existing tensor (the output's gradient, or a slice of it) as input i's gradient, without a copy.
  void give(size_t i, Tensor gradient);

 private:
  friend class Tape;
  struct InputLike {
    Context* context;
    Shape shape;
    DType dtype;
  };

  Tensor of_output_;
  std::vector<std::shared_ptr<GradientSlot>> inputs_;
  std::vector<InputLike> like_;
  std::vector<Tensor> given_;

  Gradients(Tensor of_output, std::vector<std::shared_ptr<GradientSlot>> inputs, std::vector<InputLike> like);
};

using GradientFunction = std::function<void(Gradients&)>;

class Tape {
 public:
  // Replays the recorded operators in reverse, from d(loss)/d(loss) = seed (1 for a scalar when undefined). Gradients
  // of leaves add to what is there. The tape is empty afterwards. Errors: nothing was recorded, backward twice, a saved
  // tensor that was overwritten; each names the operator and its layer.
  void backward(const Var& loss, Tensor seed = {});

  void clear();
  size_t entries() const { return entries_.size(); }

 private:
  friend void record(const char*, std::span<const Var>, Var&, const std::any&, GradientFunction);
  void append(const char* name, std::span<const Var> inputs, Var& output, GradientFunction gradient);

  struct Entry {
    const char* name;
    std::string layer;
    std::vector<std::shared_ptr<GradientSlot>> inputs;
    std::vector<Gradients::InputLike> like;
    std::shared_ptr<GradientSlot> output;
    GradientFunction gradient;
  };
  void replay(Entry& entry);

  std::vector<Entry> entries_;
  bool replayed_ = false;
};

// Enters an operator into the recording tape, if there is one and any input requires a gradient; `output` then does
// too. An undefined Var among the inputs is an optional operand that is not there. `parameters` is what an
// OperatorObserver needs to know besides the inputs.
void record(const char* name, std::span<const Var> inputs, Var& output, const std::any& parameters,
            GradientFunction gradient);
inline void record(const char* name, std::initializer_list<Var> inputs, Var& output, const std::any& parameters,
                   GradientFunction gradient) {
  record(name, std::span(inputs.begin(), inputs.size()), output, parameters, std::move(gradient));
}
inline void record(const char* name, std::initializer_list<Var> inputs, Var& output, GradientFunction gradient) {
  record(name, inputs, output, {}, std::move(gradient));
}

// For the length of a scope, operators are recorded on a tape. PyTorch: torch.enable_grad()
class Recording {
 public:
  explicit Recording(Tape& tape);
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
  static bool active();

 private:
  Tape* before_;
};

// For the length of a scope, nothing is recorded. PyTorch: torch.no_grad()
class NoGrad {
 public:
  NoGrad();
  ~NoGrad();
  NoGrad(const NoGrad&) = delete;
  NoGrad& operator=(const NoGrad&) = delete;

 private:
  Tape* before_;
};

// For the length of a scope, errors and tape entries carry a layer's path ("layers.4.conv1.0").
class LayerScope {
 public:
  explicit LayerScope(const std::string& path);
  ~LayerScope();
  LayerScope(const LayerScope&) = delete;
  LayerScope& operator=(const LayerScope&) = delete;
  static const std::string& current();

 private:
  const std::string* before_;
};

// A tensor kept for backward, with the version it had. view() throws when the memory was overwritten since.
class Saved {
 public:
  explicit Saved(Tensor tensor) : tensor_(std::move(tensor)), version_(tensor_.defined() ? tensor_.version() : 0) {}
  const Tensor& tensor() const;
  ConstView view() const { return tensor().view(); }

 private:
  Tensor tensor_;
  int64_t version_;
};
inline Saved save(const Var& var) { return Saved(var.value()); }
inline Saved save(const Tensor& tensor) { return Saved(tensor); }

}  // namespace cuunet
