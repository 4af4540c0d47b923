// One call of `cuunet train`: a run folder made or opened, its photographs and network, and the trainer over them.
#pragma once

#include "tools/program.h"
#include "tools/training/recipe_settings.h"
#include "tools/training/run_folder.h"

#include <string>

namespace cuunet {

struct TrainArguments {
  RecipeOptions recipe;
  RunInputs inputs;
  std::string out;
  double memory_gib = 0;
  bool resume = false, allow_different_bits = false;
  bool seed_given = false, precision_given = false;
};

// Trains to the end, or until interrupted (exit code 130), and reports on stdout. Errors: as what it calls says.
void run_training(const TrainArguments& arguments, Program& program);

}  // namespace cuunet
