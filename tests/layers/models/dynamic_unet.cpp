#include "layers/models/dynamic_unet.h"

#include "autograd/ops/loss.h"
#include "engine/device/host_context.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace cuunet;

namespace {

int64_t parameter_count(Module& module) {
  int64_t count = 0;
  for (auto& [name, parameter] : module.parameters()) count += parameter->var.value().elements();
  return count;
}

}  // namespace

TEST_CASE("dynamic_unet: ResNet-34, 3 to 3 channels, has the original's parameter count") {
  HostContext context;
  DynamicUnet unet({context}, {.norm = NormType::batch});
  CHECK(parameter_count(unet) == 41229213);
}

TEST_CASE("dynamic_unet: output has the input's size, also where the encoder rounds up") {
  HostContext context;
  DynamicUnet unet({context}, {.encoder = "resnet18", .norm = NormType::weight, .blur = true});
  unet.initialise(1);
  ModeScope eval(unet, false);
  for (const Shape& shape : {Shape{1, 3, 64, 64}, Shape{2, 3, 36, 50}}) {
    Var y = unet(Var(Tensor::zeros(context, shape, DType::f32)));
    CHECK(y.shape() == shape);
    for (double value : y.value().to_host()) CHECK(std::isfinite(value));
  }
}

TEST_CASE("dynamic_unet: an odd side on a model built for even sizes is an error that names the layer") {
  HostContext context;
  DynamicUnet unet({context}, {.encoder = "resnet18"});
  CHECK_THROWS_AS(unet(Var(Tensor::zeros(context, {1, 3, 33, 64}, DType::f32))), LayerError);
}

TEST_CASE("dynamic_unet: frozen, the encoder trains its batch norms only") {
  HostContext context;
  DynamicUnet unet({context}, {.encoder = "resnet18"});
  unet.set_encoder_frozen(true);
  for (auto& [name, parameter] : unet.parameters()) {
    bool batch_norm = parameter->var.shape().rank() == 1;
    CHECK_MESSAGE(parameter->trainable() == (DynamicUnet::group_of(name) == 2 || batch_norm), name);
  }
}

TEST_CASE("dynamic_unet: backward reaches every parameter") {
  HostContext context;
  DynamicUnet unet({context}, {.encoder = "resnet18", .norm = NormType::weight, .blur = true});
  unet.initialise(3);
  Var x(Tensor::from_host(context, {2, 3, 32, 32}, DType::f32, std::vector<double>(2 * 3 * 32 * 32, 0.5)));
  Var target(Tensor::from_host(context, {2, 3, 32, 32}, DType::f32, std::vector<double>(2 * 3 * 32 * 32, -0.5)));
  Tape tape;
  Recording recording(tape);
  Var loss = l1_loss(unet(x), target);
  tape.backward(loss);
  for (auto& [name, parameter] : unet.parameters()) CHECK_MESSAGE(parameter->var.gradient().defined(), name);
}
