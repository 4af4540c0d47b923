#include "tools/verify/unet/unet.h"

#include "kernels/device/error.h"

#include <algorithm>

namespace cuunet {
namespace {

using Json = nlohmann::json;

constexpr CaseRunner runners[] = {
    {"manifest_", run_manifest},
    {"icnr_", run_icnr},
    {"shuffle_", run_module},
    {"self_attention_", run_module},
    {"unet_conv_layer_", run_module},
    {"res_block_", run_module},
    {"eval_", run_evaluation},
    {"train_", run_gradients},
    {"loss_", run_feature_loss},
    {"traj_", run_trajectory},
    {"schedule_one_cycle", run_schedule},
    {"aug_", run_augmentation_case},
};

int64_t size_of(const Json& json, const char* key) {
  return json.contains(key) ? static_cast<int64_t>(json[key].size()) : 0;
}

// The numbers of a schedule: per group and per step.
int64_t numbers_of_schedule(const Json& schedule) {
  int64_t groups = schedule.at("groups"), steps = schedule.at("total_steps");
  return groups + steps * (groups + 1) + groups + 1;
}

// What follows from the whole of the training is compared only when all of its steps are done.
bool cut_short(const Case& which, const VerifyOptions& options) {
  return options.steps > 0 && options.steps < size_of(which.json(), "steps");
}

void list_steps(const Json& steps, int64_t count, std::vector<Case::Listed>& all) {
  for (int64_t i = 0; i < count; ++i) {
    const Json& step = steps[static_cast<size_t>(i)];
    for (const auto& [name, value] : step.items()) {
      if (name == "step" || name == "rtol" || name == "float32_drift") continue;
      all.push_back({fmt::format("step_{}/{}", i + 1, name), value.is_array() ? size_of(step, name.c_str()) : 1});
    }
  }
}

}  // namespace

void run_unet_case(Context& context, const Case& which, const VerifyOptions& options, Comparison& comparison) {
  run_network_case(runners, {.context = context, .definition = which, .options = options, .comparison = comparison});
}

std::vector<Case::Listed> listed_in_unet_case(const Case& which, const VerifyOptions& options) {
  const Json& json = which.json();
  bool cut = cut_short(which, options);
  std::vector<Case::Listed> all = cut ? std::vector<Case::Listed>{} : which.listed();
  for (const char* facts : {"state_dict", "activation_shapes", "zero_gradients", "tap_shapes"}) {
    if (json.contains(facts)) all.push_back({facts, size_of(json, facts)});
  }
  for (const char* number : {"parameters", "entries"}) {
    if (json.contains(number)) all.push_back({number, 1});
  }
  if (json.contains("training")) all.push_back({"trainable", 2 * size_of(json["training"], "trainable")});
  if (json.contains("steps")) list_steps(json["steps"], cut ? options.steps : size_of(json, "steps"), all);
  if (json.contains("cases")) {
    for (const Json& schedule : json["cases"]) all.push_back({"schedules", numbers_of_schedule(schedule)});
  }
  return all;
}

}  // namespace cuunet
