#include "tools/forward/forward.h"

#include "engine/tensor/dimensions.h"
#include "kernels/device/context.h"
#include "kernels/device/error.h"
#include "layers/module/initialise.h"
#include "tools/text/nearest_word.h"
#include "weights/format/owned_tensors.h"

#include <fmt/ranges.h>
#include <algorithm>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

DType parameter_type(const ForwardOptions& options) { return options.features == DType::f64 ? DType::f64 : DType::f32; }

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class ForwardPass {
 public:
  ForwardPass(Context& context, const fs::path& model, const ForwardOptions& options)
      : context_(context),
        options_(options),
        network_(load_network({context, parameter_type(options)}, model, options.fit)) {
    report_ = {.network = network_.text, .tensors = {}, .notes = network_.notes};
    prepare_gradients();
  }

  ForwardReport run(const fs::path& in, const fs::path& out) {
    read_inputs(in);
    options_.gradients.empty() ? compute() : differentiate();
    write_safetensors(out, std::move(results_), {}, options_.existing);
    return std::move(report_);
  }

 private:
  void prepare_gradients() {
    std::vector<std::string> possible = differentiable_names(network_);
    for (const std::string& name : options_.gradients) {
      if (contains(possible, name)) continue;
      std::string nearest = nearest_word(name, possible);
      throw UsageError("--grad {}: the network has no input or parameter of this name{} ('--grad list' prints the {})",
                       name, nearest.empty() ? "" : fmt::format(", did you mean '{}'?", nearest), possible.size());
    }
    for (auto& [name, parameter] : network_.module->parameters()) {
      parameter->set_trainable(contains(options_.gradients, name));
    }
  }

  Var input_in(const WeightsFile& file, const std::string& name) const {
    const StoredTensor* stored = file.find(name);
    if (stored == nullptr) {
      std::vector<std::string> names;
      for (const StoredTensor& tensor : file.tensors()) names.push_back(tensor.name);
      throw FileError("{}: holds no tensor '{}', the network's input; it holds {}", file.path().string(), name,
                      names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")));
    }
    if (!is_floating(stored->type)) {
      throw FileError("{}: '{}' is {}, expected floating-point numbers", file.path().string(), name,
                      name_of(stored->type));
    }
    if (stored->shape.size() != 4 || stored->elements() == 0) {
      throw FileError("{}: '{}' has the shape [{}], expected [N, C, H, W]", file.path().string(), name,
                      fmt::join(stored->shape, ", "));
    }
    Tensor value = Tensor::from_host(context_, Shape(std::span<const int64_t>(stored->shape)), options_.features,
                                     to_doubles(*stored));
    return contains(options_.gradients, name) ? Var::leaf(value) : Var(value);
  }

  void read_inputs(const fs::path& in) {
    WeightsFile file(in);
    for (const std::string& name : network_.input_names()) inputs_.push_back(input_in(file, name));
  }

  void compute() {
    NoGrad no_grad;
    for (const auto& [name, value] : network_(inputs_)) keep(name, value.value());
  }

  void differentiate() {
    Tape tape;
    NamedVars outputs;
    {
      Recording recording(tape);
      outputs = network_(inputs_);
    }
    Tensor last;
    for (auto& [name, value] : outputs) {
      keep(name, value.value());
      last = Tensor::zeros(context_, value.shape(), value.dtype());
      fill_uniform(last, 1, options_.seed, "projection/" + name);
      keep("projection/" + name, last);
      if (&value != &outputs.back().second && value.requires_grad()) value.set_gradient(last);
    }
    tape.backward(outputs.back().second, last);
    std::vector<std::string> input_names = network_.input_names();
    for (size_t i = 0; i < inputs_.size(); ++i) keep_gradient(input_names[i], inputs_[i]);
    for (auto& [name, parameter] : network_.module->parameters()) keep_gradient(name, parameter->var);
  }

  void keep_gradient(const std::string& name, const Var& var) {
    if (!var.requires_grad()) return;
    bool arrived = var.gradient().defined();
    keep("grad/" + name, arrived ? var.gradient() : Tensor::zeros(context_, var.shape(), var.dtype()));
  }

  void keep(const std::string& name, const Tensor& tensor) {
    StoredType type = tensor.dtype() == DType::f64 ? StoredType::f64 : StoredType::f32;
    results_.push_back(owned_.add(name, type, dimensions_of(tensor.shape()), tensor.to_host()));
    report_.tensors.emplace_back(name, tensor.shape().text());
  }

  Context& context_;
  ForwardOptions options_;
  LoadedNetwork network_;
  std::vector<Var> inputs_;
  OwnedTensors owned_;
  std::vector<StoredTensor> results_;
  ForwardReport report_;
};

}  // namespace

std::vector<std::string> differentiable_names(const LoadedNetwork& network) {
  std::vector<std::string> names = network.input_names();
  for (auto& [name, parameter] : network.module->parameters()) names.push_back(name);
  return names;
}

ForwardReport forward(Context& context, const fs::path& model, const fs::path& in, const fs::path& out,
                      const ForwardOptions& options) {
  refuse_existing(out, options.existing);
  return ForwardPass(context, model, options).run(in, out);
}

}  // namespace cuunet
