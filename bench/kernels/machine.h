// What the rows run on.
#pragma once

#include "bench/kernels/limits.h"

#include <functional>
#include <memory>
#include <string>

namespace cuunet::bench {

struct Machine {
  std::string name;
  std::unique_ptr<Context> context;
  Limits limits;
  // The time of `runs` calls, one after the other, in seconds: by the clock, or on a GPU by events of its stream.
  std::function<double(int runs, const std::function<void()>& call)> seconds_of;
  int runs_at_once = 1;  // so many between two looks at the time
};

// device: cpu, cuda or cuda:N. An Error where it cannot be had.
Machine machine_named(const std::string& device);

}  // namespace cuunet::bench
