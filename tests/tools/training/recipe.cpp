#include "tools/training/recipe.h"

#include "kernels/device/error.h"
#include "tools/training/recipe_settings.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

using Form = MaxLearningRate::Form;

template <class Action>
std::string usage_error(const Action& action) {
  try {
    action();
  } catch (const UsageError& error) {
    CHECK(error.exit_code() == 2);
    return error.what();
  }
  return "(no UsageError)";
}

TEST_CASE("recipe: article is the table of the article") {
  Recipe recipe = parse_recipe(find_recipe("article"));
  REQUIRE(recipe.stages.size() == 5);
  const int sizes[] = {64, 128, 256, 512, 512}, epochs[] = {50, 25, 10, 10, 10};
  for (size_t i = 0; i < 5; ++i) {
    CHECK(recipe.stages[i].size == sizes[i]);
    CHECK(recipe.stages[i].epochs == epochs[i]);
    CHECK(recipe.stages[i].frozen == (i < 4));
  }
  CHECK(recipe.stages[0].learning_rate == MaxLearningRate{Form::slice_to, 0, 1e-3});
  CHECK(recipe.stages[0].pct_start == 0.9);
  CHECK(recipe.stages[4].learning_rate == MaxLearningRate{Form::slice_between, 1e-6, 1e-4});
  CHECK(recipe.stages[4].pct_start == 0.3);
  CHECK(recipe.model.encoder == "resnet34");
  CHECK(recipe.loss.kind == "feature");
}

TEST_CASE("recipe: its text reads back as itself") {
  Recipe recipe = parse_recipe(find_recipe("article"));
  recipe.model.y_range = {-3.0, 3.0};
  recipe.stages[0].learning_rate = {Form::number, 0, 3e-4};
  CHECK(parse_recipe({"again", recipe_text(recipe), {}}) == recipe);
}

TEST_CASE("recipe: the defaults of a stage follow from freezing and size") {
  Recipe recipe = parse_recipe(
      {"short", R"({"stages": [{}, {"frozen": false}, {"size": 256, "frozen": false, "learning_rate": 1e-4}]})", {}});
  CHECK(recipe.stages[0].learning_rate == MaxLearningRate{Form::slice_to, 0, 1e-3});
  CHECK(recipe.stages[1].learning_rate == MaxLearningRate{Form::slice_between, 1e-5, 1e-3});
  CHECK(recipe.stages[1].pct_start == 0.3);
  CHECK(recipe.stages[2].learning_rate == MaxLearningRate{Form::number, 0, 1e-4});
}

TEST_CASE("recipe: every mistake is one line with file, field, expected and found") {
  struct Row {
    const char* json;
    const char* error;
  };
  const Row rows[] = {
      {R"({"stages": [{"size": 33}]})", "my.json: stages[0].size: expected an even number of pixels, found 33"},
      {R"({"stages": [{}, {"size": 0}]})", "my.json: stages[1].size: expected a whole number from 32 to 4096, found 0"},
      {R"({"stages": [{"size": "64"}]})",
       "my.json: stages[0].size: expected a whole number from 32 to 4096, found \"64\""},
      {R"({"stages": [{"size": 64.5}]})",
       "my.json: stages[0].size: expected a whole number from 32 to 4096, found 64.5"},
      {R"({"stages": [{"epochs": 0}]})",
       "my.json: stages[0].epochs: expected a whole number from 1 to 1000000, found 0"},
      {R"({"stages": [{"epochs": 1e300}]})",
       "my.json: stages[0].epochs: expected a whole number from 1 to 1000000, found 1e+300"},
      {R"({"stages": [{"epoch": 3}]})", "my.json: stages[0].epoch: unknown field 'epoch', did you mean 'epochs'?"},
      {R"({"stages": [{"colour_space": 3}]})",
       "my.json: stages[0].colour_space: unknown field 'colour_space', the fields here are size, epochs, frozen, "
       "learning_rate, pct_start, batch, patience"},
      {R"({"stages": [{"frozen": 1}]})", "my.json: stages[0].frozen: expected true or false, found 1"},
      {R"({"stages": [{"pct_start": 1.5}]})",
       "my.json: stages[0].pct_start: expected a number of at least 0 and at most 1, found 1.5"},
      {R"({"stages": [{"learning_rate": "slice(1e-3"}]})",
       "my.json: stages[0].learning_rate: expected a rate above 0, \"slice(1e-3)\" or \"slice(1e-5, 1e-3)\", found "
       "\"slice(1e-3\""},
      {R"({"stages": [{"learning_rate": -1}]})",
       "my.json: stages[0].learning_rate: expected a rate above 0, \"slice(1e-3)\" or \"slice(1e-5, 1e-3)\", found -1"},
      {R"({"stages": []})", "my.json: stages: expected a list of at least one stage [{\"size\": 64, …}], found []"},
      {R"({})", "my.json: stages: expected a list of at least one stage [{\"size\": 64, …}], found nothing"},
      {R"([])", "my.json: the recipe: expected an object {…}, found []"},
      {R"({"stages": [3]})", "my.json: stages[0]: expected an object {…}, found 3"},
      {R"({"stages": [{}], "stage": 1})", "my.json: stage: unknown field 'stage', did you mean 'stages'?"},
      {R"({"stages": [{}], "loss": "feature"})", "my.json: loss: expected an object {…}, found \"feature\""},
      {R"({"stages": [{}], "loss": {"kind": "feeture"}})",
       "my.json: loss.kind: expected one of feature, color, pixel, found \"feeture\", did you mean 'feature'?"},
      {R"({"stages": [{}], "model": {"encoder": "resnet35"}})",
       "my.json: model.encoder: expected one of resnet18, resnet34, resnet50, resnet101, found \"resnet35\", did you "
       "mean 'resnet34'?"},
      {R"({"stages": [{}], "model": {"y_range": [3, -3]}})",
       "my.json: model.y_range: expected null or [low, high] with low < high, found [3,-3]"},
      {R"({"stages": [{}], "optimizer": {"momentum": [0.95, 1]}})",
       "my.json: optimizer.momentum: expected two numbers of at least 0 and below 1, found [0.95,1]"},
      {R"({"stages": [{}], "optimizer": {"epsilon": 0}})",
       "my.json: optimizer.epsilon: expected a number above 0 and at most 1, found 0"},
      {R"({"stages": [{}], "augmentation": {"zoom": 0.5}})",
       "my.json: augmentation.zoom: expected a number of at least 1 and at most 10, found 0.5"},
      {R"({"stages": [{}], "seed": -1})", "my.json: seed: expected a whole number of at least 0, found -1"},
      {R"({"stages": [{}], "precision": "fp16"})",
       "my.json: precision: expected one of f32, tf32, bf16, found \"fp16\", did you mean 'bf16'?"},
      {"{\"stages\": [{}],\n \"seed\": }",
       "my.json: line 2, column 10: expected JSON, the text stops making sense here"},
      {"", "my.json: line 1, column 1: expected JSON, the text stops making sense here"},
      {R"({"seed": 1e999})", "my.json: holds a number beyond 1.8e308, expected smaller ones"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.json);
    CHECK(usage_error([&] { parse_recipe({"my.json", row.json, {}}); }) == row.error);
  }
}

TEST_CASE("recipe: an unknown name is answered with the nearest") {
  CHECK(usage_error([] { find_recipe("artcle"); }).find("did you mean 'article'?") != std::string::npos);
}

TEST_CASE("recipe: --set changes any field, and names itself when it is wrong") {
  auto with = [](std::vector<std::string> settings) {
    RecipeOptions options;
    options.settings = std::move(settings);
    return resolve_recipe(options);
  };
  Recipe recipe = with({"stages[0].epochs=3", "stages[1].learning_rate=slice(1e-5, 1e-4)", "loss.kind=pixel",
                        "model.y_range=[-3,3]", "stages[4].learning_rate=0.01"});
  CHECK(recipe.stages[0].epochs == 3);
  CHECK(recipe.stages[1].learning_rate == MaxLearningRate{Form::slice_between, 1e-5, 1e-4});
  CHECK(recipe.loss.kind == "pixel");
  CHECK(recipe.model.y_range.value().first == -3);
  CHECK(recipe.stages[4].learning_rate == MaxLearningRate{Form::number, 0, 0.01});

  struct Row {
    const char* setting;
    const char* error;
  };
  const Row rows[] = {
      {"stages[0].epochs=0",
       "--set stages[0].epochs=0: stages[0].epochs: expected a whole number from 1 to 1000000, found 0"},
      {"stages[0].epoch=1", "--set stages[0].epoch=1: stages[0].epoch: unknown field 'epoch', did you mean 'epochs'?"},
      {"stages[9].epochs=1",
       "--set stages[9].epochs=1: the list there has 5 elements, counted from [0]; expected a field and its value, "
       "such as stages[0].epochs=3"},
      {"stages[x].epochs=1",
       "--set stages[x].epochs=1: a list's element is written [0]; expected a field and its value, such as "
       "stages[0].epochs=3"},
      {"epochs", "--set epochs: no field=value; expected a field and its value, such as stages[0].epochs=3"},
      {"seed.low=1",
       "--set seed.low=1: 'low' is not inside an object; expected a field and its value, such as stages[0].epochs=3"},
      {"stages.epochs=1",
       "--set stages.epochs=1: the list there has 5 elements, counted from [0]; expected a field and its value, such "
       "as stages[0].epochs=3"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.setting);
    CHECK(usage_error([&] { with({row.setting}); }) == row.error);
  }
}

TEST_CASE("recipe: the short options make the stages") {
  RecipeOptions options;
  options.sizes = {64, 128};
  options.epochs = {3};
  options.batches = {8, 4};
  Recipe recipe = resolve_recipe(options);
  REQUIRE(recipe.stages.size() == 2);
  CHECK(recipe.stages[1].size == 128);
  CHECK(recipe.stages[1].epochs == 3);
  CHECK(recipe.stages[1].batch == 4);
  options.epochs = {1, 2, 3};
  CHECK(usage_error([&] { resolve_recipe(options); }) ==
        "--epochs: expected one number, or one for each of the 2 stages, found 3");
  options.epochs = {0};
  CHECK(usage_error([&] { resolve_recipe(options); }) ==
        "command line: stages[0].epochs: expected a whole number from 1 to 1000000, found 0");
}

TEST_CASE("recipe: the fingerprint sees what decides the bits and nothing else") {
  Recipe recipe = parse_recipe(find_recipe("article")), other = recipe;
  other.name = "mine";
  other.checkpoint.every_steps = 5;
  CHECK(recipe_fingerprint(recipe) == recipe_fingerprint(other));
  other.stages[3].pct_start = 0.8;
  CHECK(recipe_fingerprint(recipe) != recipe_fingerprint(other));
  CHECK(first_difference(other, recipe) == "checkpoint.every_steps is 5, expected 200");
  other.checkpoint = recipe.checkpoint;
  other.name = recipe.name;
  CHECK(first_difference(other, recipe) == "stages[3].pct_start is 0.8, expected 0.9");
  CHECK(first_difference(recipe, recipe) == "");
}

}  // namespace
}  // namespace cuunet
