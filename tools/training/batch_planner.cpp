#include "tools/training/batch_planner.h"

#include "kernels/device/context.h"
#include "kernels/device/error.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace cuunet {
namespace {

constexpr double gib = 1 << 30;

// Values of feature maps that a step holds at its peak, per pixel of a picture: the growth of the arena's peak from
// batch 12 to 24 at 64 px.
double maps_per_pixel(const std::string& encoder) {
  if (encoder == "resnet18") return 1000;
  if (encoder == "resnet34") return 1050;
  if (encoder == "resnet50") return 5000;
  return 5600;
}
constexpr double judge_maps_per_pixel = 900;

double first_number(const char* path) {
  std::ifstream file(path);
  double number = 0;
  return file >> number ? number : std::numeric_limits<double>::infinity();  // "max", or no such file
}

double machine_memory() {
  std::ifstream info("/proc/meminfo");
  for (std::string word; info >> word;) {
    double kib = 0;
    if (word == "MemAvailable:" && info >> kib) return kib * 1024;
  }
  return std::numeric_limits<double>::infinity();
}

}  // namespace

TrainingMemory training_memory(const Recipe& recipe, int64_t parameters, int64_t judge_parameters) {
  double decoder = std::max(1.0, recipe.model.decoder_width);  // wider maps
  double values =
      maps_per_pixel(recipe.model.encoder) * decoder + (recipe.loss.kind == "feature" ? judge_maps_per_pixel : 0);
  // Of each parameter the value, its gradient and two moments, all f32; of the judge's the value, and once more folded
  // with its batch norm.
  return {.fixed = 16.0 * static_cast<double>(parameters) + 8.0 * static_cast<double>(judge_parameters),
          .per_pixel = values * (recipe.precision == "bf16" ? 2 : 4)};
}

double available_memory() {
  double group = first_number("/sys/fs/cgroup/memory.max") - first_number("/sys/fs/cgroup/memory.current");
  if (!(group > 0)) group = std::numeric_limits<double>::infinity();  // inf - inf: no such group
  double available = std::min(machine_memory(), group);
  return 0.9 * (available < std::numeric_limits<double>::infinity() ? available : 4 * gib);
}

double available_memory(const Context& context) {
  size_t available = context.memory().available;
  return available == SIZE_MAX ? available_memory() : 0.9 * static_cast<double>(available);
}

int smallest_batch(int size) { return size <= 32 ? 2 : 1; }

namespace {

// The largest size, in steps of 32 px, at which the smallest batch fits.
std::string smaller_size(const StageRecipe& stage, const TrainingMemory& memory, double budget) {
  for (int size = (stage.size - 1) / 32 * 32; size >= 32; size -= 32) {
    if (memory.bytes(size, smallest_batch(size)) <= budget) return fmt::format("--size {}, which should fit", size);
  }
  return "a smaller --architecture: no size should fit";
}

}  // namespace

std::string smaller_stage(const StageRecipe& stage, const TrainingMemory& memory, double budget) {
  double fits = (budget - memory.fixed) / (memory.per_pixel * stage.size * stage.size);
  int batch = static_cast<int>(std::min(fits, stage.batch / 2.0));
  if (batch >= smallest_batch(stage.size)) return fmt::format("--batch {}, which should fit", batch);
  return smaller_size(stage, memory, budget);
}

int plan_batch(const StageRecipe& stage, const TrainingMemory& memory, double budget, int64_t pictures) {
  double one = memory.bytes(stage.size, 1);
  if (one > budget) {
    throw Error(
        "a training step at {} px needs about {:.1f} GiB for one picture, {:.1f} GiB may be used; take {}, or allow "
        "more "
        "with --memory",
        stage.size, one / gib, budget / gib, smaller_size(stage, memory, budget));
  }
  double fits = (budget - memory.fixed) / (memory.per_pixel * stage.size * stage.size);
  double most = std::min(32.0, 32.0 * 128 / stage.size);
  double eight_steps = std::max<double>(1, static_cast<double>(pictures / 8));
  return std::max(smallest_batch(stage.size), static_cast<int>(std::min({fits, most, eight_steps})));
}

}  // namespace cuunet
