// The place in a .cu file where its kernels and their peer part. On simt there are only the kernels.
#pragma once

#include "kernels/device/backend.h"
#include "kernels/device/kernel.h"

#include <algorithm>
#include <limits>

namespace cuunet::CUUNET_TARGET {

#ifdef __CUDACC__

class Event {
 public:
  Event() { require_success(cudaEventCreate(&event_), "creating an event"); }
  ~Event() { cudaEventDestroy(event_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  void record(cudaStream_t stream) { require_success(cudaEventRecord(event_, stream), "recording an event"); }
  double microseconds_since(const Event& start) {
    float milliseconds = 0;
    require_success(cudaEventSynchronize(event_), "waiting for an event");
    require_success(cudaEventElapsedTime(&milliseconds, start.event_, event_), "timing");
    return static_cast<double>(milliseconds) * 1e3;
  }

 private:
  cudaEvent_t event_ = nullptr;
};

// The best of several runs, after one that prepares.
template <class Run>
double microseconds_of(Context& context, const Run& run) {
  constexpr int runs = 5;
  double best = std::numeric_limits<double>::infinity();
  Event start, end;
  run();
  for (int i = 0; i < runs; ++i) {
    start.record(stream_of(context));
    run();
    end.record(stream_of(context));
    best = std::min(best, end.microseconds_since(start));
  }
  return best;
}

template <class Native, class Library>
BackendTimes time_both(Context& context, const Native& native, const Library& library) {
  BackendTimes times{microseconds_of(context, native), std::numeric_limits<double>::infinity()};
  try {
    times.library = microseconds_of(context, library);
  } catch (const Error&) {  // a shape it does not know: ours is the faster
  }
  return times;
}

// Runs one of both, which write the same memory. key() names operator, types, shapes and parameters.
template <class Native, class Library, class Key>
void run_chosen(Context& context, bool peer_built, const Native& native, const Library& library, const Key& key) {
  Backends& backends = context.state<Backends>();
  if (backends.wanted == Backend::native || !peer_built) return native();
  if (backends.wanted == Backend::cudnn) return library();
  std::string shapes = key();
  auto known = backends.measured.find(shapes);
  if (known == backends.measured.end()) {
    known = backends.measured.emplace(shapes, time_both(context, native, library)).first;
    if (backends.remember) backends.remember(backends);
  }
  if (known->second.library_wins())
    library();
  else
    native();
}

#else

template <class Native, class Library, class Key>
void run_chosen(Context&, bool, const Native& native, const Library&, const Key&) {
  native();
}

#endif

}  // namespace cuunet::CUUNET_TARGET
