// What the runner of an operator works with: the case's inputs as Vars, its configuration, a tape that records, and the
// comparison of outputs and gradients.
//
//   void run_relu(CaseRun& run) { run.result(relu(run.input("input"))); }
#pragma once

#include "autograd/tape/tape.h"
#include "tools/verify/comparison.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cuunet {

class CaseRun {
 public:
  // `operands` is what feature maps are rounded to before the run: bf16 for the f64 yardstick of a bf16 run.
  CaseRun(Context& context, const Case& which, DType precision, DType operands, Comparison& comparison)
      : context_(context),
        case_(which),
        precision_(precision),
        operands_(operands),
        comparison_(comparison),
        recording_(tape_) {}

  Context& context() const { return context_; }
  const Case& definition() const { return case_; }
  // The types of feature maps, and of parameters, statistics and losses, at this precision.
  DType map_dtype() const { return precision_; }
  DType parameter_dtype() const { return precision_ == DType::f64 ? DType::f64 : DType::f32; }

  template <class T>
  T config(const char* key) const {
    return case_.json().at("config").at(key).get<T>();
  }
  template <class T>
  T config(const char* key, T fallback) const {
    return case_.json().at("config").value(key, fallback);
  }
  bool training() const { return case_.json().value("mode", "train") == "train"; }
  bool has_input(const std::string& name) const { return case_.has_input(name); }

  // A leaf where the case wants its gradient, else a constant. The values must be the same after the run.
  Var input(const std::string& name) { return made(name, map_dtype(), operands_ == DType::bf16); }
  Var parameter(const std::string& name) { return made(name, parameter_dtype(), false); }
  Var optional_parameter(const std::string& name) { return has_input(name) ? parameter(name) : Var(); }
  // A tensor that the operator may change, as running statistics are.
  Tensor state(const std::string& name) const { return tensor_of(name, parameter_dtype(), false); }
  std::vector<float> values(const std::string& name) const { return case_.input_values(name); }

  void output(const std::string& name, const Tensor& found) { comparison_.tensor(name, found); }
  void output(const std::string& name, std::span<const double> found) { comparison_.values(name, found); }
  void exactly(const std::string& name, double found, double expected) {
    comparison_.scalar(name, found, expected, Tolerance{});
  }
  // Replays the tape from the case's upstream gradient and compares "grad_<input>" of every leaf.
  void backward(const Var& y);
  // The output "y" and, where the case has an upstream gradient, all gradients.
  void result(const Var& y);

  // Fails the case when an input was changed by the run.
  void require_inputs_unchanged() const;

 private:
  struct Made {
    std::string name;
    Var var;
    bool rounded;
  };

  Tensor tensor_of(const std::string& name, DType dtype, bool rounded) const;
  Var made(const std::string& name, DType dtype, bool rounded);

  Context& context_;
  const Case& case_;
  DType precision_, operands_;
  Comparison& comparison_;
  std::vector<Made> made_;
  Tape tape_;
  Recording recording_;
};

}  // namespace cuunet
