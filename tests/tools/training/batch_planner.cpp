#include "tools/training/batch_planner.h"

#include "kernels/device/error.h"

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
  for (const Row& row :
       {Row{64, 100 * gib, 10000, 32, "no more than 32"}, Row{128, 100 * gib, 10000, 32, "nor at 128"},
        Row{256, 100 * gib, 10000, 16, "half at 256"}, Row{512, 100 * gib, 10000, 8, "8 at 512"},
        Row{512, 12 * gib, 10000, 4, "11 GiB / 2.44 GiB a picture"},
        Row{64, 100 * gib, 40, 5, "eight steps in an epoch"}, Row{64, 100 * gib, 3, 1, "at least one"}}) {
    CAPTURE(row.why);
    CHECK(plan_batch({.size = row.size}, memory, row.budget, row.pictures) == row.batch);
  }
}

TEST_CASE("batch_planner: a size that does not fit says what it needs") {
  CHECK_THROWS_WITH_AS(plan_batch({.size = 512}, {.fixed = 1 * gib, .per_pixel = 10000}, 3 * gib, 100),
                       "a training step at 512 px needs about 3.4 GiB for one picture, 3.0 GiB may be used; take a "
                       "smaller size or --memory",
                       Error);
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

}  // namespace
}  // namespace cuunet
