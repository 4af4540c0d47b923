#include "layers/module/module.h"

#include <algorithm>

namespace cuunet {
namespace {

thread_local const ForwardObserver::See* observer = nullptr;

std::string joined(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : prefix + "." + name;
}

}  // namespace

void Parameter::set_trainable(bool trainable) {
  if (trainable == var.requires_grad()) return;
  var = trainable ? Var::leaf(var.value()) : var.detach();
}

Tensor Module::made(const Shape& shape, DType dtype) const {
  return placement_.zeroed ? Tensor::zeros(placement_.context, shape, dtype)
                           : Tensor::empty(placement_.context, shape, dtype);
}

Parameter& Module::add_parameter(const std::string& name, const Shape& shape) {
  parameters_.push_back({name, Var::leaf(made(shape, placement_.dtype))});
  return parameters_.back();
}

Tensor& Module::add_buffer(const std::string& name, const Shape& shape, DType dtype) {
  buffers_.push_back({name, made(shape, dtype)});
  return buffers_.back().value;
}

void Module::adopt(const std::string& name, std::unique_ptr<Module> child) {
  child->set_path(joined(path_, name));
  children_.emplace_back(name, std::move(child));
}

void Module::set_path(const std::string& path) {
  path_ = path;
  for (auto& [name, child] : children_) child->set_path(joined(path, name));
}

void Module::collect(const std::string& prefix, std::vector<StateEntry>& entries) {
  for (Parameter& p : parameters_) entries.push_back({joined(prefix, p.name), p.var.value(), &p});
  for (Buffer& b : buffers_) entries.push_back({joined(prefix, b.name), b.value, nullptr});
  for (auto& [name, child] : children_) child->collect(joined(prefix, name), entries);
}

std::vector<StateEntry> Module::state() {
  std::vector<StateEntry> entries;
  collect("", entries);
  return entries;
}

std::vector<std::pair<std::string, Parameter*>> Module::parameters() {
  std::vector<std::pair<std::string, Parameter*>> found;
  for (const StateEntry& entry : state()) {
    if (entry.parameter != nullptr) found.emplace_back(entry.name, entry.parameter);
  }
  return found;
}

void Module::each(const std::function<void(Module&)>& visit) {
  visit(*this);
  for (auto& [name, child] : children_) child->each(visit);
}

void Module::set_training(bool training) {
  each([training](Module& module) { module.training_ = training; });
}

void Module::set_trainable(bool trainable) {
  for (auto& [name, parameter] : parameters()) parameter->set_trainable(trainable);
}

bool Module::any_trainable() const {
  return std::any_of(parameters_.begin(), parameters_.end(), [](const Parameter& p) { return p.trainable(); });
}

int64_t Module::state_version() const {
  int64_t version = 0;
  for (const Parameter& parameter : parameters_) version += parameter.var.value().version();
  for (const Buffer& buffer : buffers_) version += buffer.value.version();
  return version;
}

void Module::initialise(uint64_t seed) {
  for (auto& [name, child] : children_) child->initialise(seed);
}

Var Module::forward(const Var&) { throw Error("{}: this module takes more than one input", path_); }

Var Module::call_located(const Var& x, const std::function<Var()>& body) {
  LayerScope scope(path_);
  try {
    Var y = body();
    if (observer != nullptr) (*observer)(*this, y);
    return y;
  } catch (const LayerError&) {
    throw;
  } catch (const ShapeError& error) {
    throw LayerError("{}: {} (input {})", path_, error.what(), x.defined() ? x.shape().text() : "none");
  }
}

ForwardObserver::ForwardObserver(See see) : see_(std::move(see)), before_(observer) { observer = &see_; }
bool ForwardObserver::watching() { return observer != nullptr; }
ForwardObserver::~ForwardObserver() { observer = before_; }

ModeScope::ModeScope(Module& module, bool training) : module_(module), before_(module.training()) {
  module.set_training(training);
}
ModeScope::~ModeScope() { module_.set_training(before_); }

}  // namespace cuunet
