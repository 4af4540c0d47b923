// bench_kernels [--device=cpu|cuda|cuda:N] [--benchmark_filter=conv2d/forward/.*@64px/f32] [--benchmark_list_tests] …
// Times the rows of the table: on the CPU with as many threads as this process may use (taskset narrows it), on a GPU
// with cuDNN's and cuBLAS's row beside ours where they have one and were built in (…/f32/cudnn).
#include "bench/kernels/machine.h"
#include "bench/kernels/row.h"
#include "kernels/device/backend.h"
#include "kernels/device/error.h"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <memory>
#include <string_view>

using namespace cuunet;
using namespace cuunet::bench;

namespace {

// One way to run a row.
struct Variant {
  DType dtype;
  bool tf32 = false;
  Backend backend = Backend::native;
  bool operator==(const Variant&) const = default;
  std::string text() const {
    std::string arithmetic = tf32 ? "tf32" : name_of(dtype);
    return backend == Backend::native ? arithmetic : arithmetic + "/" + name_of(backend);
  }
};

bool libraries_have(const Row& row) {
  for (std::string_view family : {"conv2d/", "conv_transpose2d/", "conv1d/", "matmul/", "linear/", "gram/"}) {
    if (row.name.starts_with(family)) return true;
  }
  return false;
}

std::vector<Variant> variants_of(const Row& row, Device device) {
  std::vector<Variant> variants;
  bool gpu = device == Device::cuda, peer = gpu && libraries_have(row) && cudnn_obstacle().empty();
  for (DType dtype : row.types) {
    for (bool tf32 : {false, true}) {
      if (tf32 && (!gpu || dtype != DType::f32 || row.flops == 0)) continue;
      variants.push_back({dtype, tf32});
      if (peer) variants.push_back({dtype, tf32, Backend::cudnn});
    }
  }
  return variants;
}

// A row with its operands. Google Benchmark asks for a row several times in succession; it is made once.
struct Prepared {
  Prepared(Context& context, const Row& row, const Variant& variant)
      : row(&row), variant(variant), operands(context, variant.dtype) {
    context.allow_tf32 = variant.tf32;
    context.state<Backends>().wanted = variant.backend;
    call = row.prepare(operands);
    call(context);  // makes the primitives, touches the memory
  }
  const Row* row;
  Variant variant;
  Operands operands;
  Call call;
};

void time_row(benchmark::State& state, const Machine& machine, std::unique_ptr<Prepared>& prepared, const Row& row,
              const Variant& variant) {
  Context& context = *machine.context;
  if (!prepared || prepared->row != &row || prepared->variant != variant) {
    prepared.reset();
    prepared = std::make_unique<Prepared>(context, row, variant);
  }
  double total = 0;
  while (state.KeepRunningBatch(machine.runs_at_once)) {
    double seconds = machine.seconds_of(machine.runs_at_once, [&] { prepared->call(context); });
    state.SetIterationTime(seconds);
    total += seconds;
  }
  auto rate = [](double amount) { return benchmark::Counter(amount, benchmark::Counter::kIsIterationInvariantRate); };
  double bytes = prepared->operands.bytes();
  state.counters["GB"] = rate(bytes * 1e-9);
  if (row.flops > 0) state.counters["GFLOP"] = rate(row.flops * 1e-9);
  double least = seconds_at(machine.limits, {bytes, row.flops, variant.dtype, variant.tf32});
  if (least > 0) state.counters["share%"] = 100 * least * static_cast<double>(state.iterations()) / total;
}

void enter_rows(const Machine& machine, std::unique_ptr<Prepared>& prepared) {
  for (const Row& row : table()) {
    for (const Variant& variant : variants_of(row, machine.context->device())) {
      auto run = [&machine, &prepared, &row, variant](benchmark::State& state) {
        try {
          time_row(state, machine, prepared, row, variant);
        } catch (const Error& error) {
          prepared.reset();
          state.SkipWithError(error.what());
        }
      };
      benchmark::RegisterBenchmark((row.name + "/" + variant.text()).c_str(), run)
          ->UseManualTime()
          ->Unit(benchmark::kMicrosecond);
    }
  }
}

// Takes --device=… out of the arguments.
std::string device_of(int& argc, char** argv) {
  std::string device = "cpu";
  int kept = 1;
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    if (word.starts_with("--device="))
      device = word.substr(9);
    else
      argv[kept++] = argv[i];
  }
  argc = kept;
  return device;
}

}  // namespace

int main(int argc, char** argv) {
  std::string device = device_of(argc, argv);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  try {
    Machine machine = machine_named(device);
    benchmark::AddCustomContext("machine", machine.name);
    benchmark::AddCustomContext("limits", machine.limits.text());
    if (machine.context->device() == Device::cuda) {
      std::string obstacle = cudnn_obstacle();
      benchmark::AddCustomContext("peer", obstacle.empty() ? cudnn_version() : obstacle);
    }
    std::unique_ptr<Prepared> prepared;
    enter_rows(machine, prepared);
    size_t ran = benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    prepared.reset();
    return ran > 0 ? 0 : 1;
  } catch (const Error& error) {
    std::fprintf(stderr, "bench_kernels: error: %s\n", error.what());
    return error.exit_code();
  }
}
