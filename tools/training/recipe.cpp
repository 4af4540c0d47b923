#include "tools/training/recipe.h"

#include "kernels/device/error.h"
#include "tools/text/nearest_word.h"
#include "tools/training/built_in_recipes.h"
#include "tools/training/recipe_fields.h"
#include "tools/training/recipe_settings.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace cuunet {
namespace {

constexpr int smallest_size = 32, largest_size = 4096;

void read_learning_rate(RecipeFields& fields, MaxLearningRate& rate) {
  const nlohmann::json* field = fields.find("learning_rate");
  if (field == nullptr) return;
  bool good = (field->is_number() || field->is_string()) &&
              parse_learning_rate(field->is_string() ? field->get<std::string>() : field->dump(), rate);
  if (!good) fields.fail("learning_rate", "a rate above 0, \"slice(1e-3)\" or \"slice(1e-5, 1e-3)\"");
}

StageRecipe read_stage(RecipeFields& fields) {
  using Form = MaxLearningRate::Form;
  StageRecipe stage;
  fields.integer("size", stage.size, smallest_size, largest_size);
  if (stage.size % 2 != 0) fields.fail("size", "an even number of pixels");
  fields.integer("epochs", stage.epochs, 1, 1'000'000);
  fields.boolean("frozen", stage.frozen);
  if (stage.frozen) {
    stage.learning_rate = {Form::slice_to, 0, 1e-3};
  } else if (stage.size <= 128) {
    stage.learning_rate = {Form::slice_between, 1e-5, 1e-3};
  } else {
    stage.learning_rate = {Form::slice_between, 1e-6, 1e-4};
  }
  read_learning_rate(fields, stage.learning_rate);
  stage.pct_start = stage.frozen ? 0.9 : 0.3;
  fields.number("pct_start", stage.pct_start, {0, 1});
  fields.integer("batch", stage.batch, 0, 65536);
  fields.integer("patience", stage.patience, 0, 1'000'000);
  return stage;
}

void read_stages(RecipeFields& fields, std::vector<StageRecipe>& stages) {
  const nlohmann::json* list = fields.find("stages");
  if (list == nullptr || !list->is_array() || list->empty()) {
    throw_field(fields.source(), fields.path_of("stages"), "a list of at least one stage [{\"size\": 64, …}]",
                list == nullptr ? "nothing" : list->dump().substr(0, 60));
  }
  for (size_t i = 0; i < list->size(); ++i) {
    RecipeFields stage(fields.source(), fmt::format("stages[{}]", i), (*list)[i]);
    stages.push_back(read_stage(stage));
    stage.finish();
  }
}

void read_model(RecipeFields& fields, ModelRecipe& model) {
  fields.choice("encoder", model.encoder, {"resnet18", "resnet34", "resnet50", "resnet101"});
  fields.choice("norm", model.norm, {"omitted", "none", "batch", "weight", "spectral"});
  fields.boolean("blur", model.blur);
  fields.boolean("blur_final", model.blur_final);
  fields.boolean("self_attention", model.self_attention);
  fields.boolean("last_cross", model.last_cross);
  fields.boolean("bottleneck", model.bottleneck);
  double low = 0, high = 0;
  if (fields.pair("y_range", low, high)) {
    if (!(low < high)) fields.fail("y_range", "null or [low, high] with low < high");
    model.y_range = {low, high};
  }
  fields.choice("fastai", model.fastai, {"1.0.56", "1.0.61"});
  fields.choice("decoder", model.decoder, {"fastai", "deep", "wide"});
  fields.number("decoder_width", model.decoder_width, {0.1, 8});
}

void read_augmentation(RecipeFields& fields, AugmentationRecipe& augmentation) {
  fields.boolean("flip", augmentation.flip);
  fields.number("rotate", augmentation.rotate, {0, 180});
  fields.number("zoom", augmentation.zoom, {1, 10});
  fields.number("lighting", augmentation.lighting, {0, 0.99});
  fields.number("warp", augmentation.warp, {0, 0.5});
  fields.number("probability", augmentation.probability, {0, 1});
}

void read_optimizer(RecipeFields& fields, OptimizerRecipe& optimizer) {
  fields.choice("kind", optimizer.kind, {"adamw"});
  fields.pair("momentum", optimizer.momentum_high, optimizer.momentum_low);
  for (double momentum : {optimizer.momentum_high, optimizer.momentum_low}) {
    if (!(momentum >= 0 && momentum < 1)) fields.fail("momentum", "two numbers of at least 0 and below 1");
  }
  fields.number("beta2", optimizer.beta2, {0, 0.999999});
  fields.number("epsilon", optimizer.epsilon, {0, 1, false});
  fields.number("weight_decay", optimizer.weight_decay, {0, 1});
}

Recipe read_recipe(const std::string& source, const nlohmann::json& json) {
  Recipe recipe;
  RecipeFields fields(source, "", json);
  fields.text("name", recipe.name);
  read_stages(fields, recipe.stages);
  fields.object("model", [&](RecipeFields& f) { read_model(f, recipe.model); });
  fields.object("loss", [&](RecipeFields& f) {
    f.choice("kind", recipe.loss.kind, {"feature", "color", "pixel"});
    f.choice("network", recipe.loss.network, {"vgg16_bn", "vgg16"});
    f.number("chroma_weight", recipe.loss.chroma_weight, {0, 1e6});
  });
  fields.object("augmentation", [&](RecipeFields& f) { read_augmentation(f, recipe.augmentation); });
  fields.object("optimizer", [&](RecipeFields& f) { read_optimizer(f, recipe.optimizer); });
  fields.object("checkpoint", [&](RecipeFields& f) {
    f.integer("every_steps", recipe.checkpoint.every_steps, 0, 1'000'000'000);
    f.integer("keep_epochs", recipe.checkpoint.keep_epochs, 0, 1'000'000);
  });
  fields.number("valid_fraction", recipe.valid_fraction, {0, 0.9});
  fields.unsigned_integer("seed", recipe.seed);
  fields.choice("precision", recipe.precision, {"f32", "tf32", "bf16"});
  fields.finish();
  return recipe;
}

nlohmann::json parse_json(const RecipeDocument& document) {
  try {
    return nlohmann::json::parse(document.text);
  } catch (const nlohmann::json::parse_error& error) {
    size_t stopped = std::min(error.byte == 0 ? 0 : error.byte - 1, document.text.size());
    auto line = 1 + std::count(document.text.begin(), document.text.begin() + static_cast<ptrdiff_t>(stopped), '\n');
    size_t line_start = stopped == 0 ? std::string::npos : document.text.rfind('\n', stopped - 1);
    size_t column = stopped - (line_start == std::string::npos ? 0 : line_start + 1) + 1;
    throw UsageError("{}: line {}, column {}: expected JSON, the text stops making sense here", document.source, line,
                     column);
  } catch (const nlohmann::json::out_of_range&) {
    throw UsageError("{}: holds a number beyond 1.8e308, expected smaller ones", document.source);
  }
}

nlohmann::ordered_json stage_json(const StageRecipe& stage) {
  nlohmann::ordered_json rate = stage.learning_rate.text();
  if (stage.learning_rate.form == MaxLearningRate::Form::number) rate = stage.learning_rate.stop;
  return {{"size", stage.size},        {"epochs", stage.epochs},       {"frozen", stage.frozen},
          {"learning_rate", rate},     {"pct_start", stage.pct_start}, {"batch", stage.batch},
          {"patience", stage.patience}};
}

nlohmann::ordered_json model_json(const ModelRecipe& model) {
  nlohmann::ordered_json y_range = nullptr;
  if (model.y_range) y_range = {model.y_range->first, model.y_range->second};
  return {{"encoder", model.encoder},
          {"norm", model.norm},
          {"blur", model.blur},
          {"blur_final", model.blur_final},
          {"self_attention", model.self_attention},
          {"y_range", y_range},
          {"last_cross", model.last_cross},
          {"bottleneck", model.bottleneck},
          {"fastai", model.fastai},
          {"decoder", model.decoder},
          {"decoder_width", model.decoder_width}};
}

}  // namespace

std::vector<std::string> built_in_recipes() {
  std::vector<std::string> names;
  for (const BuiltInRecipe& recipe : built_in_recipe_files()) names.emplace_back(recipe.name);
  return names;
}

RecipeDocument find_recipe(const std::string& name_or_file) {
  for (const BuiltInRecipe& recipe : built_in_recipe_files()) {
    if (recipe.name == name_or_file) return {fmt::format("recipe '{}'", name_or_file), std::string(recipe.text), {}};
  }
  std::error_code ignored;
  if (std::filesystem::is_regular_file(name_or_file, ignored)) {
    std::ifstream file(name_or_file, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) throw FileError("{}: the recipe cannot be read", name_or_file);
    return {name_or_file, text.str(), {}};
  }
  std::string nearest = nearest_word(name_or_file, built_in_recipes());
  throw UsageError("no recipe '{}': expected a JSON file or one of {}{}", name_or_file,
                   fmt::join(built_in_recipes(), ", "),
                   nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest));
}

Recipe parse_recipe(const RecipeDocument& document) {
  nlohmann::json json = parse_json(document);
  Recipe recipe = read_recipe(document.source, json);
  for (const std::string& setting : document.settings) {
    apply_setting(json, setting);
    recipe = read_recipe("--set " + setting, json);
  }
  return recipe;
}

nlohmann::ordered_json to_json(const Recipe& recipe) {
  nlohmann::ordered_json stages = nlohmann::ordered_json::array();
  for (const StageRecipe& stage : recipe.stages) stages.push_back(stage_json(stage));
  const AugmentationRecipe& augmentation = recipe.augmentation;
  const OptimizerRecipe& optimizer = recipe.optimizer;
  return {
      {"name", recipe.name},
      {"stages", stages},
      {"model", model_json(recipe.model)},
      {"loss",
       {{"kind", recipe.loss.kind}, {"network", recipe.loss.network}, {"chroma_weight", recipe.loss.chroma_weight}}},
      {"augmentation",
       {{"flip", augmentation.flip},
        {"rotate", augmentation.rotate},
        {"zoom", augmentation.zoom},
        {"lighting", augmentation.lighting},
        {"warp", augmentation.warp},
        {"probability", augmentation.probability}}},
      {"optimizer",
       {{"kind", optimizer.kind},
        {"momentum", nlohmann::ordered_json::array({optimizer.momentum_high, optimizer.momentum_low})},
        {"beta2", optimizer.beta2},
        {"epsilon", optimizer.epsilon},
        {"weight_decay", optimizer.weight_decay}}},
      {"checkpoint", {{"every_steps", recipe.checkpoint.every_steps}, {"keep_epochs", recipe.checkpoint.keep_epochs}}},
      {"valid_fraction", recipe.valid_fraction},
      {"seed", recipe.seed},
      {"precision", recipe.precision}};
}

std::string recipe_text(const Recipe& recipe) { return to_json(recipe).dump(2) + "\n"; }

uint64_t recipe_fingerprint(const Recipe& recipe) {
  nlohmann::ordered_json json = to_json(recipe);
  json.erase("name");
  json.erase("checkpoint");
  uint64_t hash = 0xCBF29CE484222325u;  // FNV-1a
  for (char c : json.dump()) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

}  // namespace cuunet
