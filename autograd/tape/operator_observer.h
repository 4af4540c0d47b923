// Sees every differentiable operator as it is computed, on a tape or not: its name, operands, result and parameters.
// What a network does can be written down this way (weights/export).
#pragma once

#include "autograd/tape/var.h"

#include <any>
#include <functional>
#include <span>

namespace cuunet {

struct OperatorCall {
  const char* name;
  std::span<const Var> inputs;  // an undefined one is an optional operand that is not there
  const Var& output;
  const std::any& parameters;  // the struct or number that the operator takes; empty where it takes none
};

// For the length of a scope.
class OperatorObserver {
 public:
  using See = std::function<void(const OperatorCall&)>;
  explicit OperatorObserver(See see);
  ~OperatorObserver();
  OperatorObserver(const OperatorObserver&) = delete;
  OperatorObserver& operator=(const OperatorObserver&) = delete;

  static void show(const OperatorCall& call);  // to the innermost one, if there is any

 private:
  See see_;
  const See* before_;
};

}  // namespace cuunet
