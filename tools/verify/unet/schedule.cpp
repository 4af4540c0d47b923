#include "tools/verify/unet/schedule.h"

#include "tools/verify/unet/unet.h"

namespace cuunet {
namespace {

using Json = nlohmann::json;

MaxLearningRate max_rate_of(const Json& json) {
  using Form = MaxLearningRate::Form;
  if (json.value("kind", "slice") == "number") return {.form = Form::number, .stop = json.at("stop")};
  if (!json.contains("start")) return {.form = Form::slice_to, .stop = json.at("stop")};
  return {.form = Form::slice_between, .start = json.at("start"), .stop = json.at("stop")};
}

// Schedules are computed in double whatever the precision of the run, and are held to the case's own tolerance.
class Comparer {
 public:
  Comparer(NetworkCase& run) : run_(run) {
    const Json& stated = run.at("tolerance");
    tolerance_ = {.absolute = stated.at("atol").get<double>(), .relative = stated.at("rtol").get<double>()};
  }
  void compare(double found, const Json& expected) { run_.comparison.scalar("schedules", found, expected, tolerance_); }
  void compare(const std::vector<double>& found, const Json& expected) {
    for (size_t i = 0; i < found.size(); ++i) compare(found[i], expected.at(i));
  }

 private:
  NetworkCase& run_;
  Tolerance tolerance_;
};

}  // namespace

OneCycle one_cycle_of(const Json& description, int groups) {
  return {.group_max = max_rate_of(description.at("max_lr")).of_groups(groups),
          .total_steps = description.at("total_steps"),
          .pct_start = description.at("pct_start"),
          .momentum_high = description.at("moms").at(0),
          .momentum_low = description.at("moms").at(1),
          .div_factor = description.at("div_factor"),
          .final_div = description.at("final_div")};
}

void run_schedule(NetworkCase& run) {
  Comparer comparer(run);
  for (const Json& expected : run.at("cases")) {
    OneCycle schedule = one_cycle_of(expected, expected.at("groups"));
    comparer.compare(schedule.group_max, expected.at("group_max_lr"));
    for (int64_t k = 0; k <= schedule.total_steps; ++k) {
      bool after = k == schedule.total_steps;  // what fastai leaves behind and never uses
      auto i = static_cast<size_t>(k);
      const Json& left = expected.at("left_after_the_last_step");
      OneCycle::Step step = schedule.at(k);
      comparer.compare(step.learning_rates, after ? left.at("lr") : expected.at("lr").at(i));
      comparer.compare(step.beta1, after ? left.at("momentum") : expected.at("momentum").at(i));
    }
  }
}

}  // namespace cuunet
