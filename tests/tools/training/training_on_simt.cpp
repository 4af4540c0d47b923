// The CUDA sources train a network as the CPU does: the same step class, weights and batches on both.
#include "engine/device/host_context.h"
#include "layers/models/dynamic_unet.h"
#include "tests/tools/training/drawn_pictures.h"
#include "tools/training/training_step.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

namespace cuunet {
namespace {

constexpr int64_t side = 32;

struct Trained {
  std::vector<double> losses;
  std::vector<std::vector<double>> weights;
};

// The first `steps` of ten. A quarter of the published widths: 16 … 128 channels.
Trained train(Device device, ThreadOrder order, int steps) {
  HostContext context({.device = device, .threads = 1});
  context.thread_order = order;
  DynamicUnet network({context}, {.encoder = "resnet18", .encoder_width = 16, .norm = NormType::weight, .blur = true});
  network.initialise(1);
  PixelLoss loss;
  OneCycle schedule{.group_max = {1e-4, 1e-4, 1e-3}, .total_steps = 10};
  // A large epsilon: with 1e-8 gradients of mere rounding move their weights by whole rates.
  TrainingStep step(network, loss, parameter_groups(network), {.epsilon = 1e-3}, schedule, DType::f32);
  Trained trained;
  for (uint32_t i = 0; i < static_cast<uint32_t>(steps); ++i) {
    StepReport report = step.run(drawn_pictures(context, side, 2 * i), drawn_pictures(context, side, 2 * i + 1));
    REQUIRE(report.finite);
    trained.losses.push_back(report.losses.at(0).second);
  }
  for (auto& [name, parameter] : network.parameters()) trained.weights.push_back(parameter->var.value().to_host());
  return trained;
}

// |a - b| / |b|, of all weights as one vector.
double distance(const Trained& a, const Trained& b) {
  double difference = 0, norm = 0;
  for (size_t p = 0; p < b.weights.size(); ++p) {
    for (size_t i = 0; i < b.weights[p].size(); ++i) {
      difference += std::pow(a.weights[p][i] - b.weights[p][i], 2);
      norm += std::pow(b.weights[p][i], 2);
    }
  }
  return std::sqrt(difference / norm);
}

TEST_CASE("training on simt: ten steps of a quarter-width U-Net agree with the CPU's") {
  Trained cpu = train(Device::cpu, ThreadOrder::forward, 10), simt = train(Device::simt, ThreadOrder::forward, 10);
  // The first loss is f32 roundings. Then Adam, which divides gradients by their own size, moves weights whose gradient
  // is nearly rounding: up to 9e-5 of the loss was seen, and 4 % of the weights' way.
  for (size_t i = 0; i < 10; ++i) {
    CAPTURE(i);
    CHECK(simt.losses[i] == doctest::Approx(cpu.losses[i]).epsilon(i == 0 ? 1e-6 : 3e-4));
  }
  CHECK(cpu.losses[9] < 0.7 * cpu.losses[0]);
  double moved = distance(cpu, train(Device::cpu, ThreadOrder::forward, 0));
  CAPTURE(moved);
  CHECK(distance(simt, cpu) < moved / 10);
}

TEST_CASE("training on simt: a step has the same bits in every thread order") {
  Trained forward = train(Device::simt, ThreadOrder::forward, 1);
  for (ThreadOrder order : {ThreadOrder::reverse, ThreadOrder::shuffled}) {
    Trained other = train(Device::simt, order, 1);
    CHECK(other.losses == forward.losses);
    CHECK(other.weights == forward.weights);
  }
}

}  // namespace
}  // namespace cuunet
