#include "tools/commands/bench.h"

#include "kernels/device/context.h"
#include "kernels/device/error.h"
#include "tools/command.h"
#include "tools/program.h"
#include "tools/timing/network_work.h"
#include "weights/mapping/unet_file.h"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
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
  std::string write, model;
};

double seconds_of(Context& context, NetworkWork& work) {
  context.synchronize();
  auto begin = std::chrono::steady_clock::now();
  work.run();
  context.synchronize();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// A line on standard input asks for one more step; its time is the answer. Lets a peer take turns.
void answer_requests(Context& context, NetworkWork& work) {
  for (std::string line; std::getline(std::cin, line);) {
    fmt::print("{:.6f}\n", seconds_of(context, work));
    std::fflush(stdout);
  }
}

void print_times(const Program& program, const BenchOptions& options, const Context& context,
                 std::vector<double> times) {
  std::sort(times.begin(), times.end());
  double median = times[times.size() / 2];
  double peak_mib = static_cast<double>(context.memory().peak) / (1 << 20);
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

// Bytes of a field of /proc/self/status: VmRSS, or VmHWM, the most it was.
int64_t status_bytes(const std::string& field) {
  std::ifstream status("/proc/self/status");
  int64_t kib = 0;
  for (std::string word; status >> word;) {
    if (word == field + ":" && status >> kib) return kib * 1024;
  }
  return 0;
}

// From a file to a network that is ready to run, again and again.
void time_loading(const Program& program, const BenchOptions& options, Context& context) {
  if (options.model.empty()) throw UsageError("bench load: --model says which file");
  int64_t before = status_bytes("VmRSS");
  std::vector<double> times;
  for (int i = 0; i < options.warm_up + options.repeats; ++i) {
    auto begin = std::chrono::steady_clock::now();
    LoadedUnet loaded = load_unet({context}, options.model);
    context.synchronize();
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (i >= options.warm_up) times.push_back(seconds);
  }
  std::sort(times.begin(), times.end());
  int64_t peak = status_bytes("VmHWM");
  if (program.json) {
    nlohmann::ordered_json result{{"work", "load"},
                                  {"model", options.model},
                                  {"threads", context.threads()},
                                  {"median_s", times[times.size() / 2]},
                                  {"fastest_s", times.front()},
                                  {"slowest_s", times.back()},
                                  {"repeats", options.repeats},
                                  {"peak_bytes", peak},
                                  {"loading_bytes", peak - before}};
    fmt::print("{}\n", result.dump());
    return;
  }
  fmt::print(
      "load {} {} threads: median {:.1f} ms ({:.1f} … {:.1f}), peak memory {:.0f} MB, {:.0f} MB of it by loading\n",
      options.model, context.threads(), 1e3 * times[times.size() / 2], 1e3 * times.front(), 1e3 * times.back(),
      static_cast<double>(peak) / 1e6, static_cast<double>(peak - before) / 1e6);
}

void run(Program& program, const BenchOptions& options) {
  std::unique_ptr<Context> context = program.make_context();
  if (options.work == "load") return time_loading(program, options, *context);
  WorkSize size{options.size, options.batch, program.feature_dtype()};
  auto work = options.work == "infer" ? make_inference(*context, size) : make_training(*context, size);
  if (!options.write.empty()) return work->write(options.write);
  if (options.on_request) return answer_requests(*context, *work);
  for (int i = 0; i < options.warm_up; ++i) work->run();
  std::vector<double> times;
  for (int i = 0; i < options.repeats; ++i) times.push_back(seconds_of(*context, *work));
  print_times(program, options, *context, times);
}

}  // namespace

void add_bench(CLI::App& app, Program& program) {
  auto options = std::make_shared<BenchOptions>();
  Command command(
      app, "bench", "times the network on this machine",
      "Examples:\n  cuunet bench infer --size 256\n  cuunet bench train --size 64 --batch 8 --precision bf16\n"
      "  cuunet bench load --model unet.pth --warm-up 0 --repeats 1");
  command.option("work", options->work, "infer, train or load").one_of({"infer", "train", "load"}).shows_default();
  command.option("--size", options->size, "pixels, both sides").within(32, 2048).shows_default();
  command.option("--batch", options->batch, "pictures at once").within(1, 256).shows_default();
  command.option("--repeats", options->repeats, "timed steps").within(1, 1000).shows_default();
  command.option("--warm-up", options->warm_up, "steps before").within(0, 1000).shows_default();
  command.option("--model", options->model, "of load: a file that holds a U-Net");
  command.flag("--on-request", options->on_request, "one step per line read, its seconds as the answer");
  command.option("--write", options->write,
                 "times nothing; writes weights, pictures and results of one step as safetensors, for a peer");
  command.calls([&program, options] { run(program, *options); });
}

}  // namespace cuunet
