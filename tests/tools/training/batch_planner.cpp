#include "tools/training/batch_planner.h"

#include "engine/device/host_context.h"
#include "kernels/device/error.h"
#include "tools/training/colorization_task.h"
#include "tools/training/starting_weights.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

constexpr double gib = 1 << 30;

TEST_CASE("batch_planner: the batch falls as the pictures grow") {
  TrainingMemory memory{.fixed = 1 * gib, .per_pixel = 10000};
  struct Row {
    int size;
    double budget;
    int64_t pictures;
    int batch;
    const char* why;
  };
  for (const Row& row : {Row{64, 100 * gib, 10000, 32, "no more than 32"}, Row{128, 100 * gib, 10000, 32, "nor at 128"},
                         Row{256, 100 * gib, 10000, 16, "half at 256"}, Row{512, 100 * gib, 10000, 8, "8 at 512"},
                         Row{512, 12 * gib, 10000, 4, "11 GiB / 2.44 GiB a picture"},
                         Row{64, 100 * gib, 40, 5, "eight steps in an epoch"}, Row{64, 100 * gib, 3, 1, "at least one"},
                         Row{32, 100 * gib, 3, 2, "batch norm needs two pixels at depth"}}) {
    CAPTURE(row.why);
    CHECK(plan_batch({.size = row.size}, memory, row.budget, row.pictures) == row.batch);
  }
}

TEST_CASE("batch_planner: a size that does not fit says what it needs") {
  CHECK_THROWS_WITH_AS(plan_batch({.size = 512}, {.fixed = 1 * gib, .per_pixel = 10000}, 3 * gib, 100),
                       "a training step at 512 px needs about 3.4 GiB for one picture, 3.0 GiB may be used; take "
                       "--size 448, which should fit, or allow more with --memory",
                       Error);
  CHECK_THROWS_WITH_AS(plan_batch({.size = 512}, {.fixed = 1 * gib, .per_pixel = 10000}, 1 * gib, 100),
                       "a training step at 512 px needs about 3.4 GiB for one picture, 1.0 GiB may be used; take "
                       "a smaller --architecture: no size should fit, or allow more with --memory",
                       Error);
}

TEST_CASE("batch_planner: a stage that ran out of memory is offered what fits, and never what it had") {
  TrainingMemory memory{.fixed = 1 * gib, .per_pixel = 10000};
  CHECK(smaller_stage({.size = 512, .batch = 8}, memory, 12 * gib) == "--batch 4, which should fit");
  CHECK(smaller_stage({.size = 512, .batch = 8}, memory, 6 * gib) == "--batch 2, which should fit");
  CHECK(smaller_stage({.size = 512, .batch = 8}, memory, 1000 * gib) == "--batch 4, which should fit");
  CHECK(smaller_stage({.size = 512, .batch = 1}, memory, 1000 * gib) == "--size 480, which should fit");
  CHECK(smaller_stage({.size = 512, .batch = 8}, memory, 3 * gib) == "--size 448, which should fit");
  CHECK(smaller_stage({.size = 32, .batch = 2}, memory, 3 * gib) == "a smaller --architecture: no size should fit");
}

// A device that says what it has, as a GPU does.
class SmallContext final : public Context {
 public:
  SmallContext() : Context(Device::cuda, 1, Isa::baseline) {}
  void* allocate(size_t) override { throw OutOfMemory("no memory"); }
  void release(void*, size_t) override {}
  MemoryUse memory() const override { return {.available = 10000}; }
};

TEST_CASE("batch_planner: plans by the memory of the GPU where there is one") {
  CHECK(available_memory(SmallContext()) == 9000);
  HostContext host;
  CHECK(available_memory(host) > 1e6);
}

TEST_CASE("batch_planner: a deeper encoder, a judge and f32 take more") {
  Recipe recipe = parse_recipe(find_recipe("article")), half = recipe, pixel = recipe, deep = recipe;
  half.precision = "bf16";
  pixel.loss.kind = "pixel";
  deep.model.encoder = "resnet101";
  double bytes = training_memory(recipe, 1, 1).bytes(64, 8);
  CHECK(training_memory(half, 1, 1).bytes(64, 8) < bytes);
  CHECK(training_memory(pixel, 1, 1).bytes(64, 8) < bytes);
  CHECK(training_memory(deep, 1, 1).bytes(64, 8) > bytes);
  CHECK(available_memory() > 0);
}

int64_t parameter_count(Module* module) {
  int64_t count = 0;
  if (module != nullptr) {
    for (const auto& [name, parameter] : module->parameters()) count += parameter->var.value().elements();
  }
  return count;
}

// The largest amount of memory that two steps of unfrozen training held at a time.
double measured(const Recipe& recipe, int size, int64_t batch, double& estimate) {
  HostContext context({.threads = 1});
  StartingNetwork start = build_network(context, recipe, {});
  estimate = training_memory(recipe, parameter_count(start.network.get()), parameter_count(start.judge.get()))
                 .bytes(size, static_cast<int>(batch));
  start.network->set_training(true);
  start.network->set_encoder_frozen(false);
  DType features = recipe.precision == "bf16" ? DType::bf16 : DType::f32;
  TrainingStep step(*start.network, *start.loss, parameter_groups(*start.network), {},
                    {.group_max = {1e-4, 1e-4, 1e-3}, .total_steps = 2}, features);
  Tensor pictures = Tensor::zeros(context, {batch, 3, size, size}, DType::f32);
  for (int i = 0; i < 2; ++i) step.run(pictures, pictures);
  return static_cast<double>(context.arena().peak());
}

TEST_CASE("batch_planner: the estimate is near what a step takes") {
  struct Row {
    const char* encoder;
    const char* loss;
    int size;
    int64_t batch;
  };
  for (const Row& row : {Row{"resnet18", "pixel", 64, 4}, Row{"resnet34", "feature", 64, 4}}) {
    Recipe recipe = parse_recipe(find_recipe("article"));
    recipe.model.encoder = row.encoder;
    recipe.loss.kind = row.loss;
    double estimate = 0, taken = measured(recipe, row.size, row.batch, estimate);
    CAPTURE(row.encoder);
    CAPTURE(taken / gib);
    CAPTURE(estimate / gib);
    CHECK(estimate > taken);  // a step that is planned fits
    CHECK(estimate < 1.5 * taken);
  }
}

}  // namespace
}  // namespace cuunet
