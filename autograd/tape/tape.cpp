#include "autograd/tape/tape.h"

#include "autograd/tape/operator_observer.h"
#include "kernels/device/error.h"
#include "kernels/linalg/add.h"

#include <utility>

namespace cuunet {
namespace {

thread_local Tape* recording_tape = nullptr;
const std::string no_layer;
thread_local const std::string* current_layer = &no_layer;

std::string where(const char* name, const std::string& layer) {
  return layer.empty() ? std::string(name) : fmt::format("{}: {}", layer, name);
}

}  // namespace

Recording::Recording(Tape& tape) : before_(std::exchange(recording_tape, &tape)) {}
Recording::~Recording() { recording_tape = before_; }
bool Recording::active() { return recording_tape != nullptr; }
NoGrad::NoGrad() : before_(std::exchange(recording_tape, nullptr)) {}
NoGrad::~NoGrad() { recording_tape = before_; }
LayerScope::LayerScope(const std::string& path) : before_(std::exchange(current_layer, &path)) {}
LayerScope::~LayerScope() { current_layer = before_; }
const std::string& LayerScope::current() { return *current_layer; }

const Tensor& Saved::tensor() const {
  if (tensor_.defined() && tensor_.version() != version_) {
    throw Error("a tensor {} that backward needs was overwritten after it was saved (version {}, now {}); keep a clone",
                tensor_.shape().text(), version_, tensor_.version());
  }
  return tensor_;
}

Gradients::Gradients(Tensor of_output, std::vector<std::shared_ptr<GradientSlot>> inputs, std::vector<InputLike> like)
    : of_output_(std::move(of_output)), inputs_(std::move(inputs)), like_(std::move(like)), given_(inputs_.size()) {}

Tensor& Gradients::wanted_tensor(size_t i) {
  if (!given_[i].defined()) given_[i] = Tensor::empty(*like_[i].context, like_[i].shape, like_[i].dtype);
  return given_[i];
}

void Gradients::give(size_t i, Tensor gradient) {
  if (!needs(i)) return;
  if (!(gradient.shape() == like_[i].shape)) {
    throw ShapeError("the gradient of an input {} has shape {}", like_[i].shape.text(), gradient.shape().text());
  }
  given_[i] = std::move(gradient);
}

void Tape::append(const char* name, std::span<const Var> inputs, Var& output, GradientFunction gradient) {
  Entry entry{name, LayerScope::current(), {}, {}, nullptr, std::move(gradient)};
  bool any = false;
  for (const Var& input : inputs) {
    any = any || input.requires_grad();
    entry.inputs.push_back(input.slot());
    entry.like.push_back(input.defined() ? Gradients::InputLike{&input.context(), input.shape(), input.dtype()}
                                         : Gradients::InputLike{});
  }
  if (!any) return;
  output.slot_ = std::make_shared<GradientSlot>();
  entry.output = output.slot_;
  replayed_ = false;
  entries_.push_back(std::move(entry));
}

void record(const char* name, std::span<const Var> inputs, Var& output, const std::any& parameters,
            GradientFunction gradient) {
  OperatorObserver::show({name, inputs, output, parameters});
  if (recording_tape == nullptr) return;
  recording_tape->append(name, inputs, output, std::move(gradient));
}

void Tape::clear() { entries_.clear(); }

void Tape::replay(Entry& entry) {
  if (!entry.output->gradient.defined()) return;  // its output led nowhere
  Gradients gradients(std::exchange(entry.output->gradient, Tensor()), entry.inputs, std::move(entry.like));
  try {
    entry.gradient(gradients);
  } catch (const ShapeError& error) {
    throw ShapeError("{} backward: {}", where(entry.name, entry.layer), error.what());
  } catch (const Error& error) {
    throw Error("{} backward: {}", where(entry.name, entry.layer), error.what());
  }
  for (size_t i = 0; i < entry.inputs.size(); ++i) {
    Tensor& given = gradients.given_[i];
    if (entry.inputs[i] == nullptr || !given.defined()) continue;
    Tensor& collected = entry.inputs[i]->gradient;
    if (!collected.defined()) {
      collected = std::move(given);
    } else {
      Tensor sum = collected.sole_owner() && collected.view().whole()
                       ? collected
                       : Tensor::empty(collected.context(), collected.shape(), collected.dtype());
      add_forward(sum.context(), collected.view(), given.view(), sum.view());
      collected = std::move(sum);
    }
  }
}

void Tape::backward(const Var& loss, Tensor seed) {
  if (entries_.empty()) {
    throw Error(replayed_ ? "backward was called twice on one recording; run the forward pass again"
                          : "backward without a recording: no operator was recorded on this tape");
  }
  if (!loss.requires_grad()) throw Error("backward from a tensor {} that no parameter leads to", loss.shape().text());
  if (!seed.defined()) {
    if (loss.value().elements() != 1) {
      throw ShapeError("backward starts at a scalar, got {}; give the gradient to start from", loss.shape().text());
    }
    seed = Tensor::from_host(loss.context(), loss.shape(), loss.dtype(), std::vector<double>{1.0});
  }
  if (!(seed.shape() == loss.shape())) {
    throw ShapeError("backward expects a gradient {}, got {}", loss.shape().text(), seed.shape().text());
  }
  loss.slot()->gradient = std::move(seed);
  NoGrad no_grad;
  try {
    while (!entries_.empty()) {
      Entry entry = std::move(entries_.back());
      entries_.pop_back();
      replay(entry);
    }
  } catch (...) {
    entries_.clear();
    throw;
  }
  replayed_ = true;
}

}  // namespace cuunet
