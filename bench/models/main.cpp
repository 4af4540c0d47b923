// bench_models [--benchmark_filter=infer/256px/.*] …
// Times the whole network on the CPU: inference, batch 1, and training steps, batch 8, with the feature loss; every row
// in a context of its own. arena: the most memory that tensors took at once; rss: the most that the process took, since
// the row began (with what earlier rows left, so that a row for itself is the more exact).
#include "engine/device/host_context.h"
#include "tools/timing/network_work.h"

#include <benchmark/benchmark.h>

#include <fstream>
#include <string>

using namespace cuunet;

namespace {

// Linux keeps the process's peak; writing 5 starts it again.
void restart_peak_rss() { std::ofstream("/proc/self/clear_refs") << 5; }
double peak_rss() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib * 1024;
  }
  return 0;
}

using Make = std::unique_ptr<NetworkWork> (*)(Context&, const WorkSize&);

void time_network(benchmark::State& state, Make make, const WorkSize& size) {
  restart_peak_rss();
  HostContext context;
  auto work = make(context, size);
  work->run();
  for (auto _ : state) work->run();
  auto memory = [](double bytes) {
    return benchmark::Counter(bytes, benchmark::Counter::kDefaults, benchmark::Counter::kIs1024);
  };
  state.counters["arena"] = memory(static_cast<double>(context.arena().peak()));
  state.counters["rss"] = memory(peak_rss());
  state.counters["pictures"] =
      benchmark::Counter(static_cast<double>(size.batch), benchmark::Counter::kIsIterationInvariantRate);
}

void add_rows(const std::string& name, Make make, int64_t px, int64_t batch) {
  for (DType features : {DType::f32, DType::bf16}) {
    WorkSize size{px, batch, features};
    auto run = [=](benchmark::State& state) { time_network(state, make, size); };
    benchmark::RegisterBenchmark((name + "/" + std::to_string(px) + "px/" + name_of(features)).c_str(), run)
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
  }
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("threads", std::to_string(available_processors()));
  for (int64_t px : {64, 128, 256, 512}) add_rows("infer", make_inference, px, 1);
  for (int64_t px : {64, 128}) add_rows("train", make_training, px, 8);
  size_t ran = benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return ran > 0 ? 0 : 1;
}
