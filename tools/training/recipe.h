// What a training run does, as JSON: stages of growing size, the network, its loss, the augmentation, the optimiser,
// the seeds. Built-in recipes are the files of the folder recipes/. Fields left out take the defaults below; the
// resolved recipe, every field written out, is kept in the run folder.
//
// Errors are UsageErrors on one line with file, field (stages[2].size), what was expected and what was found; an
// unknown field comes with the nearest name there is.
#pragma once

#include "tools/training/one_cycle.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cuunet {

struct StageRecipe {
  int size = 64;  // pixels, both sides; even, at least 32
  int epochs = 1;
  bool frozen = true;             // the encoder trains its batch norms only
  MaxLearningRate learning_rate;  // default: slice(1e-3) frozen; slice(1e-5, 1e-3) up to 128 px, else slice(1e-6, 1e-4)
  double pct_start = 0.9;         // default: 0.9 frozen, else 0.3
  int batch = 0;                  // photographs per step; 0: as many as the memory budget holds
  int patience = 0;               // epochs without a better validation loss before the stage ends; 0: never ends early
  bool operator==(const StageRecipe&) const = default;
};

struct ModelRecipe {
  std::string encoder = "resnet34";  // resnet18, 34, 50, 101
  std::string norm = "weight";       // omitted, none, batch, weight, spectral
  bool blur = true, blur_final = true, self_attention = false, last_cross = true, bottleneck = false;
  std::optional<std::pair<double, double>> y_range;  // a scaled sigmoid at the end; null: none
  std::string fastai = "1.0.61";                     // whose DynamicUnet: 1.0.56 or 1.0.61
  std::string decoder = "fastai";                    // fastai; DeOldify's deep, wide
  double decoder_width = 1;                          // DeOldify's nf_factor: Deep 1.5, Wide 2
  bool operator==(const ModelRecipe&) const = default;
};

struct LossRecipe {
  std::string kind = "feature";      // feature, color, pixel
  std::string network = "vgg16_bn";  // the judge of the feature loss: vgg16_bn, vgg16
  double chroma_weight = 5;          // of the color loss
  bool operator==(const LossRecipe&) const = default;
};

struct AugmentationRecipe {
  bool flip = true;
  double rotate = 10;         // degrees either way
  double zoom = 1.1;          // up to
  double lighting = 0.2;      // brightness and contrast
  double warp = 0.2;          // perspective
  double probability = 0.75;  // of each of them but the flip, which has 1/2
  bool operator==(const AugmentationRecipe&) const = default;
};

struct OptimizerRecipe {
  std::string kind = "adamw";  // fastai's form: decay of every trained tensor, decoupled
  double momentum_high = 0.95, momentum_low = 0.85;
  double beta2 = 0.99, epsilon = 1e-8, weight_decay = 1e-3;
  bool operator==(const OptimizerRecipe&) const = default;
};

struct CheckpointRecipe {
  int every_steps = 200;  // besides the one after each epoch; 0: only those
  int keep_epochs = 0;    // keep the checkpoint of every Nth epoch for good; 0: none but last, previous and best
  bool operator==(const CheckpointRecipe&) const = default;
};

struct Recipe {
  std::string name = "custom";
  std::vector<StageRecipe> stages;
  ModelRecipe model;
  LossRecipe loss;
  AugmentationRecipe augmentation;
  OptimizerRecipe optimizer;
  CheckpointRecipe checkpoint;
  double valid_fraction = 0.1;  // of the photographs, kept aside when no validation folder is given
  uint64_t seed = 1;
  std::string precision = "f32";  // f32; tf32: products of f32 on tensor cores (cuda); bf16: feature maps
  bool operator==(const Recipe&) const = default;
};

// Where the text of a recipe came from, for the errors: a file, a built-in recipe, with what --set changed.
struct RecipeDocument {
  std::string source;
  std::string text;
  std::vector<std::string> settings;  // "stages[0].epochs=3", in order
};

// The document of a built-in name or else of a file. UsageError: neither, with the nearest built-in name.
RecipeDocument find_recipe(const std::string& name_or_file);
std::vector<std::string> built_in_recipes();

Recipe parse_recipe(const RecipeDocument& document);
nlohmann::ordered_json to_json(const Recipe& recipe);
std::string recipe_text(const Recipe& recipe);      // JSON, every field, the same text for the same recipe
uint64_t recipe_fingerprint(const Recipe& recipe);  // of what decides the bits of a run; checkpoints keep it

}  // namespace cuunet
