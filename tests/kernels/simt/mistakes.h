// Seeded mistakes, one row each: the host executor must refuse the kernel, or some thread order must give wrong
// numbers.
#pragma once

#include "kernels/device/intrinsics.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace cuunet::simt {

constexpr ThreadOrder orders[] = {ThreadOrder::forward, ThreadOrder::reverse, ThreadOrder::shuffled};

inline float result[64];  // of a kernel below, by thread

// One block with 256 bytes of dynamic shared memory.
template <auto kernel, unsigned threads = 64>
void run(ThreadOrder order) {
  std::fill(std::begin(result), std::end(result), -1.0f);
  launch<kernel>({1, threads, 256, {order}});
}

// The Error says, in one line, which kernel, block and thread, the line of the kernel, and `says`.
struct Refused {
  const char* collective;
  const char* mistake;
  void (*run)(ThreadOrder);
  std::vector<const char*> says;
};

// No rule is broken that the executor knows, but in some order result[t] != value(t) for a thread t < 32, or the race
// checker sees a race. Without the mistake they are equal in every order.
struct WrongNumbers {
  const char* collective;
  const char* mistake;
  void (*wrong)(ThreadOrder);
  void (*right)(ThreadOrder);
  float (*value)(int thread);
};

inline std::string error_of(void (*run)(ThreadOrder), ThreadOrder order) {
  try {
    run(order);
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

inline void check(const Refused& row) {
  for (ThreadOrder order : orders) {
    std::string error = error_of(row.run, order);
    INFO(fmt::format("{}, {}: {}", row.collective, row.mistake, error));
    CHECK(error.starts_with("simt: "));
    CHECK(error.find(": block (0, 0, 0): thread ") != std::string::npos);
    CHECK(error.find("mistakes") != std::string::npos);
    CHECK(error.find(".cpp:") != std::string::npos);
    CHECK(error.find('\n') == std::string::npos);
    for (const std::string text : row.says) {
      CAPTURE(text);
      CHECK(error.find(text) != std::string::npos);
    }
  }
}

inline void check(const WrongNumbers& row) {
  INFO(fmt::format("{}, {}", row.collective, row.mistake));
  auto differing = [&](void (*run)(ThreadOrder), ThreadOrder order) {
    run(order);
    int threads = 0;
    for (int t = 0; t < 32; ++t) threads += result[t] != row.value(t);
    return threads;
  };
  int wrong = 0;
  for (ThreadOrder order : orders) {
    CHECK(differing(row.right, order) == 0);
#ifdef CUUNET_RACE
    std::string error = error_of(row.wrong, order);
    wrong += error.find("race in shared memory") != std::string::npos;
    if (error != "no error") continue;
#endif
    wrong += differing(row.wrong, order);
  }
  CHECK(wrong > 0);
}

// The rows name each of these.
template <class... Rows>
void check_named(const std::vector<std::string_view>& collectives, const Rows&... rows) {
  std::vector<std::string_view> named;
  (std::transform(std::begin(rows), std::end(rows), std::back_inserter(named), [](auto& r) { return r.collective; }),
   ...);
  for (std::string_view name : collectives) {
    CAPTURE(name);
    CHECK(std::find(named.begin(), named.end(), name) != named.end());
  }
}

}  // namespace cuunet::simt
