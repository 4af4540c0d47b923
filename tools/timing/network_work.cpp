#include "tools/timing/network_work.h"

#include "engine/tensor/dimensions.h"
#include "kernels/device/philox.h"
#include "layers/losses/feature_loss.h"
#include "layers/models/dynamic_unet.h"
#include "tools/training/training_step.h"
#include "weights/mapping/unet_file.h"

#include <deque>

namespace cuunet {
namespace {

constexpr uint64_t seed = 1;

Tensor random_pictures(Context& context, const WorkSize& size, uint32_t which) {
  RandomStream random(seed, Purpose::features, which);
  Shape shape{size.batch, 3, size.px, size.px};
  std::vector<float> values(static_cast<size_t>(shape.elements()));
  for (float& value : values) value = static_cast<float>(random.uniform(-2, 2));
  return Tensor::from_host(context, shape, DType::f32, values);
}

DynamicUnetOptions network_options() { return {.norm = NormType::weight, .blur = true}; }

// What goes into the file; holds the values that it is written from.
class Sample {
 public:
  void add(Module& module, const std::string& prefix) {
    const StoredState& state = states_.emplace_back(module, prefix);
    tensors_.insert(tensors_.end(), state.tensors().begin(), state.tensors().end());
  }
  void add(const std::string& name, const Tensor& tensor) {
    tensors_.push_back(stored_tensor(name, dimensions_of(tensor.shape()), values_.emplace_back(tensor.to_host_f32())));
  }
  void write(const std::filesystem::path& path) const { write_safetensors(path, tensors_); }

 private:
  std::deque<StoredState> states_;
  std::deque<std::vector<float>> values_;
  std::vector<StoredTensor> tensors_;
};

class Inference final : public NetworkWork {
 public:
  Inference(Context& context, const WorkSize& size)
      : network_({context}, network_options()),
        input_(random_pictures(context, size, 0)),
        x_(input_.to(size.features)) {
    network_.initialise(seed);
    network_.set_training(false);
    network_.set_trainable(false);
  }
  void run() override { predict(); }
  void write(const std::filesystem::path& path) override {
    Sample sample;
    sample.add(network_, "network.");
    sample.add("input", input_);
    sample.add("output", predict());
    sample.write(path);
  }

 private:
  Tensor predict() {
    NoGrad no_grad;
    return network_(x_).value();
  }

  DynamicUnet network_;
  Tensor input_;
  Var x_;
};

class Training final : public NetworkWork {
 public:
  Training(Context& context, const WorkSize& size)
      : network_({context}, network_options()),
        vgg_({context}, {}),
        loss_(vgg_, {}),
        input_(random_pictures(context, size, 0)),
        target_(random_pictures(context, size, 1)) {
    network_.initialise(seed);
    vgg_.initialise(seed);
    OneCycle schedule{.group_max = {1e-5, 1e-5, 1e-4}, .total_steps = 1 << 20};
    step_ = std::make_unique<TrainingStep>(network_, loss_, parameter_groups(network_), AdamSettings{}, schedule,
                                           size.features);
  }
  void run() override { step_->run(input_, target_); }
  void write(const std::filesystem::path& path) override {
    Sample sample;
    sample.add(network_, "network.");
    sample.add(vgg_, "vgg.");
    sample.add("input", input_);
    sample.add("target", target_);
    double loss = step_->run(input_, target_).losses.front().second;
    sample.add("loss", Tensor::from_host(input_.context(), {1}, DType::f32, std::vector<double>{loss}));
    for (auto& [name, parameter] : network_.parameters()) sample.add("gradient." + name, parameter->var.gradient());
    sample.write(path);
  }

 private:
  DynamicUnet network_;
  VGG vgg_;
  FeatureLoss loss_;
  Tensor input_, target_;
  std::unique_ptr<TrainingStep> step_;
};

}  // namespace

std::unique_ptr<NetworkWork> make_inference(Context& context, const WorkSize& size) {
  return std::make_unique<Inference>(context, size);
}
std::unique_ptr<NetworkWork> make_training(Context& context, const WorkSize& size) {
  return std::make_unique<Training>(context, size);
}

}  // namespace cuunet
