#include "tools/commands/bench.h"

#include "engine/device/host_context.h"
#include "kernels/device/philox.h"
#include "layers/losses/feature_loss.h"
#include "layers/models/dynamic_unet.h"
#include "tools/program.h"
#include "tools/training/training_step.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

struct BenchOptions {
  std::string work = "infer";
  int64_t size = 256, batch = 1;
  int warm_up = 2, repeats = 7;
  bool on_request = false;
};

constexpr uint64_t seed = 1;

Tensor random_pictures(Context& context, const BenchOptions& options, uint32_t which) {
  RandomStream random(seed, Purpose::features, which);
  Shape shape{options.batch, 3, options.size, options.size};
  std::vector<float> values(static_cast<size_t>(shape.elements()));
  for (float& value : values) value = static_cast<float>(random.uniform(-2, 2));
  return Tensor::from_host(context, shape, DType::f32, values);
}

DynamicUnetOptions network_options() { return {.norm = NormType::weight, .blur = true}; }

// The network alone, in eval mode, without a tape.
class Inference {
 public:
  Inference(Context& context, const BenchOptions& options, DType features)
      : network_({context}, network_options()), x_(random_pictures(context, options, 0).to(features)) {
    network_.initialise(seed);
    network_.set_training(false);
    network_.set_trainable(false);
  }
  void operator()() {
    NoGrad no_grad;
    network_(x_);
  }

 private:
  DynamicUnet network_;
  Var x_;
};

// A whole training step, everything trained: forward, feature loss, backward, AdamW.
class Training {
 public:
  Training(Context& context, const BenchOptions& options, DType features)
      : network_({context}, network_options()),
        vgg_({context}, {}),
        loss_(vgg_, {}),
        input_(random_pictures(context, options, 0)),
        target_(random_pictures(context, options, 1)) {
    network_.initialise(seed);
    vgg_.initialise(seed);
    OneCycle schedule{.group_max = {1e-5, 1e-5, 1e-4}, .total_steps = 1 << 20};
    step_ =
        std::make_unique<TrainingStep>(network_, loss_, parameter_groups(network_), AdamSettings{}, schedule, features);
  }
  void operator()() { step_->run(input_, target_); }

 private:
  DynamicUnet network_;
  VGG vgg_;
  FeatureLoss loss_;
  Tensor input_, target_;
  std::unique_ptr<TrainingStep> step_;
};

double seconds(const std::function<void()>& work) {
  auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// A line on standard input asks for one more step; its time is the answer. Lets a peer take turns.
void answer_requests(const std::function<void()>& work) {
  for (std::string line; std::getline(std::cin, line);) {
    fmt::print("{:.6f}\n", seconds(work));
    std::fflush(stdout);
  }
}

void print_times(const Program& program, const BenchOptions& options, const Context& context,
                 std::vector<double> times) {
  std::sort(times.begin(), times.end());
  double median = times[times.size() / 2];
  const auto* host = dynamic_cast<const HostContext*>(&context);
  double peak_mib = host != nullptr ? static_cast<double>(host->arena().peak()) / (1 << 20) : 0;
  if (program.json) {
    nlohmann::ordered_json result{{"work", options.work},         {"size", options.size},
                                  {"batch", options.batch},       {"precision", program.precision},
                                  {"threads", context.threads()}, {"median_s", median},
                                  {"fastest_s", times.front()},   {"slowest_s", times.back()},
                                  {"repeats", options.repeats},   {"arena_peak_mib", peak_mib}};
    fmt::print("{}\n", result.dump());
    return;
  }
  fmt::print(
      "{} {} px batch {} {} {} threads: median {:.1f} ms ({:.1f} … {:.1f}), {:.1f} ms per picture, arena {:.0f} MiB\n",
      options.work, options.size, options.batch, program.precision, context.threads(), 1e3 * median,
      1e3 * times.front(), 1e3 * times.back(), 1e3 * median / static_cast<double>(options.batch), peak_mib);
}

void run(Program& program, const BenchOptions& options) {
  std::unique_ptr<Context> context = program.make_context();
  std::function<void()> work;
  if (options.work == "infer") {
    work = [step = std::make_shared<Inference>(*context, options, program.feature_dtype())] { (*step)(); };
  } else {
    work = [step = std::make_shared<Training>(*context, options, program.feature_dtype())] { (*step)(); };
  }
  if (options.on_request) return answer_requests(work);
  for (int i = 0; i < options.warm_up; ++i) work();
  std::vector<double> times;
  for (int i = 0; i < options.repeats; ++i) times.push_back(seconds(work));
  print_times(program, options, *context, times);
}

}  // namespace

void add_bench(CLI::App& app, Program& program) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command = app.add_subcommand("bench", "times the network on this machine");
  command->footer(
      "Examples:\n  cuunet bench infer --size 256\n  cuunet bench train --size 64 --batch 8 --precision bf16");
  command->add_option("work", options->work, "infer or train")
      ->check(CLI::IsMember({"infer", "train"}))
      ->capture_default_str();
  command->add_option("--size", options->size, "pixels, both sides")
      ->check(CLI::Range(int64_t{32}, int64_t{2048}))
      ->capture_default_str();
  command->add_option("--batch", options->batch, "pictures at once")
      ->check(CLI::Range(int64_t{1}, int64_t{256}))
      ->capture_default_str();
  command->add_option("--repeats", options->repeats, "timed steps")->check(CLI::Range(1, 1000))->capture_default_str();
  command->add_option("--warm-up", options->warm_up, "steps before")->check(CLI::Range(0, 1000))->capture_default_str();
  command->add_flag("--on-request", options->on_request, "one step per line read, its seconds as the answer");
  command->callback([&program, options] { run(program, *options); });
}

}  // namespace cuunet
