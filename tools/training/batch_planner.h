// How many photographs fit into a training step: fewer as they grow.
#pragma once

#include "tools/training/recipe.h"

#include <cstdint>
#include <string>

namespace cuunet {

class Context;

// What a step of training takes, in bytes: parameters, gradients and optimiser's state once, feature maps per picture.
struct TrainingMemory {
  double fixed = 0, per_pixel = 0;
  double bytes(int size, int batch) const { return fixed + per_pixel * size * size * batch; }
};

// An estimate for a recipe's network, loss and precision. `parameters`: of the network, `judge_parameters`: of the
// loss's network.
TrainingMemory training_memory(const Recipe& recipe, int64_t parameters, int64_t judge_parameters);

// Memory this process may still take: what the machine has free, or what its control group leaves, less a tenth.
double available_memory();
// Memory that tensors of a context may still take: a GPU's own, less a tenth, or the machine's.
double available_memory(const Context& context);

// Batch norm needs two values per channel in training, and the deepest map of a picture of 32 px is one pixel.
int smallest_batch(int size);

// The batch of a stage: as many pictures as the budget (bytes) holds, at most 32 at 128 px and below and in proportion
// fewer above (16 at 256, 8 at 512), and no more than leave eight steps in an epoch. Error: not even one fits; says
// how much it needs, and which size would fit.
int plan_batch(const StageRecipe& stage, const TrainingMemory& memory, double budget, int64_t pictures);

// What to try for a stage that ran out of memory: a smaller batch that fits, at most half of the stage's; else the
// largest size that fits.
std::string smaller_stage(const StageRecipe& stage, const TrainingMemory& memory, double budget);

}  // namespace cuunet
