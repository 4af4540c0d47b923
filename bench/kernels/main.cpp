// bench_kernels [--benchmark_filter=conv2d/forward/.*@64px/f32] [--benchmark_list_tests] …
// Times the rows of the table on the CPU, with as many threads as this process may use (taskset narrows it).
#include "bench/kernels/row.h"
#include "engine/device/host_context.h"

#include <benchmark/benchmark.h>

#include <memory>

using namespace cuunet;
using namespace cuunet::bench;

namespace {

// A row with its operands. Google Benchmark asks for a row several times in succession; it is made once.
struct Prepared {
  Prepared(Context& context, const Row& row, DType dtype) : row(&row), dtype(dtype), operands(context, dtype) {
    call = row.prepare(operands);
    call(context);  // makes the primitives, touches the memory
  }
  const Row* row;
  DType dtype;
  Operands operands;
  Call call;
};

void time_row(benchmark::State& state, Context& context, std::unique_ptr<Prepared>& prepared, const Row& row,
              DType dtype) {
  if (!prepared || prepared->row != &row || prepared->dtype != dtype) {
    prepared.reset();
    prepared = std::make_unique<Prepared>(context, row, dtype);
  }
  for (auto _ : state) prepared->call(context);
  auto rate = [&](double amount) {
    return benchmark::Counter(amount * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
  };
  state.counters["GB"] = rate(prepared->operands.bytes());
  if (row.flops > 0) state.counters["GFLOP"] = rate(row.flops);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  HostContext context;
  benchmark::AddCustomContext("threads", std::to_string(context.threads()));
  std::unique_ptr<Prepared> prepared;
  for (const Row& row : table()) {
    for (DType dtype : row.types) {
      auto run = [&context, &prepared, &row, dtype](benchmark::State& state) {
        time_row(state, context, prepared, row, dtype);
      };
      benchmark::RegisterBenchmark((row.name + "/" + name_of(dtype)).c_str(), run)
          ->UseRealTime()
          ->Unit(benchmark::kMicrosecond);
    }
  }
  size_t ran = benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return ran > 0 ? 0 : 1;
}
