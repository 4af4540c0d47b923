#include "tools/training/one_cycle.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

MaxLearningRate max_rate_of(const nlohmann::json& json) {
  if (json.at("kind") == "number") return {.form = MaxLearningRate::Form::number, .stop = json.at("stop")};
  if (!json.contains("start")) return {.form = MaxLearningRate::Form::slice_to, .stop = json.at("stop")};
  return {.form = MaxLearningRate::Form::slice_between, .start = json.at("start"), .stop = json.at("stop")};
}

TEST_CASE("one_cycle: fastai's learning rates and momenta") {
  nlohmann::json file = nlohmann::json::parse(
      std::ifstream(std::string(CUUNET_SOURCE_DIR) + "/tests/conformance/fastai_unet/schedule_one_cycle.json"));
  double rtol = file.at("tolerance").at("rtol");  // double arithmetic, cosines of two libraries
  auto near = [&](double found, double expected) { return std::abs(found - expected) <= rtol * std::abs(expected); };
  for (const nlohmann::json& row : file.at("cases")) {
    int groups = row.at("groups");
    OneCycle schedule{.group_max = max_rate_of(row.at("max_lr")).of_groups(groups),
                      .total_steps = row.at("total_steps"),
                      .pct_start = row.at("pct_start"),
                      .momentum_high = row.at("moms")[0],
                      .momentum_low = row.at("moms")[1],
                      .div_factor = row.at("div_factor"),
                      .final_div = row.at("final_div")};
    CAPTURE(row.at("max_lr").dump());
    CAPTURE(schedule.total_steps);
    for (int g = 0; g < groups; ++g) {
      CHECK(near(schedule.group_max[static_cast<size_t>(g)], row.at("group_max_lr")[static_cast<size_t>(g)]));
    }
    for (int64_t k = 0; k < schedule.total_steps; ++k) {
      CAPTURE(k);
      OneCycle::Step step = schedule.at(k);
      CHECK(near(step.beta1, row.at("momentum")[static_cast<size_t>(k)]));
      for (size_t g = 0; g < static_cast<size_t>(groups); ++g) {
        CHECK(near(step.learning_rates[g], row.at("lr")[static_cast<size_t>(k)][g]));
      }
    }
  }
}

TEST_CASE("one_cycle: the three ways to write a learning rate") {
  struct Row {
    const char* text;
    bool good;
    MaxLearningRate rate;
  };
  using Form = MaxLearningRate::Form;
  for (const Row& row :
       {Row{"0.001", true, {Form::number, 0, 1e-3}}, Row{"slice(1e-3)", true, {Form::slice_to, 0, 1e-3}},
        Row{"slice(1e-5, 1e-3)", true, {Form::slice_between, 1e-5, 1e-3}},
        Row{"slice(1e-5,1e-3)", true, {Form::slice_between, 1e-5, 1e-3}}, Row{"slice()", false, {}},
        Row{"slice(1e-5, )", false, {}}, Row{"-1", false, {}}, Row{"nan", false, {}}, Row{"slice(0, 1e-3)", false, {}},
        Row{"fast", false, {}}, Row{"", false, {}}}) {
    CAPTURE(row.text);
    MaxLearningRate rate;
    CHECK(parse_learning_rate(row.text, rate) == row.good);
    if (!row.good) continue;
    CHECK(rate == row.rate);
    MaxLearningRate again;
    CHECK(parse_learning_rate(rate.text(), again));
    CHECK(again == rate);
  }
}

}  // namespace
}  // namespace cuunet
