// Modules without parameters, and lists of modules.
#pragma once

#include "layers/module/module.h"

namespace cuunet {

// torch.nn.ReLU
class ReLU final : public Module {
 public:
  using Module::Module;

 private:
  Var forward(const Var& x) override;
};

// torch.nn.LeakyReLU
class LeakyReLU final : public Module {
 public:
  LeakyReLU(const Placement& placement, double slope) : Module(placement), slope_(slope) {}

 private:
  Var forward(const Var& x) override;
  double slope_;
};

struct MaxPool2dOptions {
  int kernel, stride, padding;
};

// torch.nn.MaxPool2d
class MaxPool2d final : public Module {
 public:
  MaxPool2d(const Placement& placement, const MaxPool2dOptions& options) : Module(placement), options_(options) {}

 private:
  Var forward(const Var& x) override;
  MaxPool2dOptions options_;
};

// torch.nn.Sequential: children "0", "1", … one after the other.
class Sequential : public Module {
 public:
  using Module::Module;

  template <class Child, class... Args>
  Child& append(Args&&... args) {
    return append_as<Child>(std::to_string(steps_.size()), std::forward<Args>(args)...);
  }
  // For lists whose names skip numbers.
  template <class Child, class... Args>
  Child& append_as(const std::string& name, Args&&... args) {
    Child& child = add<Child>(name, std::forward<Args>(args)...);
    steps_.push_back(&child);
    return child;
  }
  size_t size() const { return steps_.size(); }
  Module& operator[](size_t i) { return *steps_[i]; }
  using Module::operator();

 private:
  Var forward(const Var& x) override;
  std::vector<Module*> steps_;
};

}  // namespace cuunet
