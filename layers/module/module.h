// A part of a network: parameters, buffers and children under PyTorch's state-dict names, in PyTorch's order.
//
// A module registers everything in its constructor:
//   weight_ = &add_parameter("weight", {out, in, k, k});
//   conv1_ = &add<Conv2d>("conv1", Conv2dOptions{...});
// and computes in forward(). It is called like a function, so that errors and tape entries carry its path.
#pragma once

#include "autograd/tape/tape.h"
#include "kernels/device/error.h"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cuunet {

// Where a module's parameters live, and in which type (f32; f64 for the reference).
struct Placement {
  Context& context;
  DType dtype = DType::f32;
  bool zeroed = true;  // or with undefined values, until load_state or initialise
};

// For a module of which names and shapes are asked only, or that is loaded at once: its memory is reserved and not
// touched.
inline Placement outline(Context& context, DType dtype = DType::f32) { return {context, dtype, false}; }

struct Parameter {
  std::string name;  // within its module
  Var var;           // a leaf while it is trained, else a constant

  bool trainable() const { return var.requires_grad(); }
  void set_trainable(bool trainable);
};

struct Buffer {
  std::string name;
  Tensor value;
};

// One line of a state dict: a full name and the tensor behind it.
struct StateEntry {
  std::string name;
  Tensor value;
  Parameter* parameter;  // null for a buffer
};

class Module {
 public:
  explicit Module(const Placement& placement) : placement_(placement) {}
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  // forward(x), with this module's path in errors and on the tape.
  Var operator()(const Var& x) {
    return call(x, [&] { return forward(x); });
  }

  const std::string& path() const { return path_; }
  const Placement& placement() const { return placement_; }
  bool training() const { return training_; }
  void set_training(bool training);  // of this module and all below. PyTorch: train(), eval()

  // Everything below this module, names relative to it: own parameters, own buffers, then the children in order.
  std::vector<StateEntry> state();
  std::vector<std::pair<std::string, Parameter*>> parameters();
  void set_trainable(bool trainable);  // every parameter below. PyTorch: requires_grad_()
  bool any_trainable() const;          // of this module's own parameters
  // Grows whenever one of this module's own tensors is overwritten; what is derived from them is then out of date.
  int64_t state_version() const;

  // Calls visit(module) for this module and all below, parents first.
  void each(const std::function<void(Module&)>& visit);

  // Fills parameters and buffers as the original does before training; draws are named by seed and path.
  virtual void initialise(uint64_t seed);

 protected:
  virtual Var forward(const Var& x);

  // Runs body with this module's path, for forwards of another signature. `x` is any of its inputs.
  template <class Body>
  Var call(const Var& x, const Body& body) {
    return call_located(x, std::function<Var()>(body));
  }

  Parameter& add_parameter(const std::string& name, const Shape& shape);
  Tensor& add_buffer(const std::string& name, const Shape& shape, DType dtype);
  Tensor& add_buffer(const std::string& name, const Shape& shape) { return add_buffer(name, shape, placement_.dtype); }

  template <class Child, class... Args>
  Child& add(const std::string& name, Args&&... args) {
    auto child = std::make_unique<Child>(placement_, std::forward<Args>(args)...);
    Child& reference = *child;
    adopt(name, std::move(child));
    return reference;
  }

 private:
  Tensor made(const Shape& shape, DType dtype) const;
  void adopt(const std::string& name, std::unique_ptr<Module> child);
  void set_path(const std::string& path);
  void collect(const std::string& prefix, std::vector<StateEntry>& entries);
  Var call_located(const Var& x, const std::function<Var()>& body);

  Placement placement_;
  std::string path_;
  bool training_ = true;
  std::deque<Parameter> parameters_;  // deques: references stay valid
  std::deque<Buffer> buffers_;
  std::vector<std::pair<std::string, std::unique_ptr<Module>>> children_;
};

// A mistake inside a layer; its text begins with the layer's path.
class LayerError : public ShapeError {
 public:
  using ShapeError::ShapeError;
};

// For the length of a scope, sees every module's output as it is made: for checks, probes and activation tests.
class ForwardObserver {
 public:
  using See = std::function<void(const Module&, const Var& output)>;
  explicit ForwardObserver(See see);
  ~ForwardObserver();
  static bool watching();  // then layers go step by step, where they otherwise take several in one pass
  ForwardObserver(const ForwardObserver&) = delete;
  ForwardObserver& operator=(const ForwardObserver&) = delete;

 private:
  See see_;
  const See* before_;
};

// For the length of a scope, a module is in training or eval mode; afterwards it is as it was.
class ModeScope {
 public:
  ModeScope(Module& module, bool training);
  ~ModeScope();
  ModeScope(const ModeScope&) = delete;
  ModeScope& operator=(const ModeScope&) = delete;

 private:
  Module& module_;
  bool before_;
};

}  // namespace cuunet
