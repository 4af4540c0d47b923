#include "kernels/simt/executor.h"

#include "kernels/device/error.h"
#include "kernels/simt/block.h"

#include <mutex>
#include <numeric>

namespace cuunet::simt {
namespace {

void require_launchable(const char* kernel, const LaunchConfig& config) {
  auto text = [](const dim3& d) { return fmt::format("({}, {}, {})", d.x, d.y, d.z); };
  if (config.block.count() == 0 || config.block.count() > max_threads) {
    throw Error("simt: {}: a block has 1 to {} threads, got {}", kernel, max_threads, text(config.block));
  }
  if (config.grid.count() == 0 || config.grid.x > 0x7FFFFFFFu || config.grid.y > 65535 || config.grid.z > 65535) {
    throw Error("simt: {}: a grid has 1 to (2147483647, 65535, 65535) blocks, got {}", kernel, text(config.grid));
  }
}

// The i-th block of the order; a shuffled one steps through the grid by a stride prime to its size.
size_t block_at(size_t i, size_t count, ThreadOrder order) {
  if (order == ThreadOrder::forward) return i;
  if (order == ThreadOrder::reverse) return count - 1 - i;
  size_t stride = count * 5 / 8 + 1;
  while (std::gcd(stride, count) != 1) ++stride;
  return (i * stride + count / 3) % count;
}

class WatchedLaunch {
 public:
  explicit WatchedLaunch(LaunchWatch* watch) : watch_(watch) {
    if (watch_ != nullptr) watch_->begin_launch();
  }
  ~WatchedLaunch() {
    if (watch_ != nullptr) watch_->end_launch();
  }
  WatchedLaunch(const WatchedLaunch&) = delete;
  WatchedLaunch& operator=(const WatchedLaunch&) = delete;

 private:
  LaunchWatch* watch_;
};

}  // namespace

void run_grid(const char* kernel, const LaunchConfig& config, void (*body)(const void*), const void* arguments) {
  static std::mutex one_grid_at_a_time;
  std::lock_guard lock(one_grid_at_a_time);
  require_launchable(kernel, config);
  if (config.shared > SharedMemory::dynamic_limit) {
    throw Error("simt: {}: {} bytes of dynamic shared memory asked for, a block may have {}", kernel, config.shared,
                SharedMemory::dynamic_limit);
  }
  WatchedLaunch watched(config.stream.watch);
  Block& block = the_block();
  block.begin_launch(kernel, config, body, arguments);
  size_t count = config.grid.count(), x = config.grid.x, y = config.grid.y;
  for (size_t i = 0; i < count; ++i) {
    size_t b = block_at(i, count, config.stream.order);
    block.run({static_cast<unsigned>(b % x), static_cast<unsigned>(b / x % y), static_cast<unsigned>(b / x / y)});
    try {
      block.shared().end_block();
    } catch (const Error& e) {
      block.fail(e.what());
    }
  }
}

void block_barrier(Place place) { the_block().barrier(place); }

void warp_collective(const char* name, uint32_t mask, Place place, void* argument, Compute compute) {
  the_block().collective(name, mask, place, argument, compute);
}

int lane_of_this_thread() { return the_block().current() % warp_size; }

void* shared_slot(const void* key, size_t bytes, size_t alignment) {
  try {
    return the_block().shared().slot(key, bytes, alignment);
  } catch (const Error& e) {
    the_block().fail(e.what());
  }
}

void* dynamic_shared_memory() { return the_block().shared().dynamic(); }

void require_shared(const char* what, const void* address, size_t bytes, Place place) {
  if (!the_block().shared().contains(address, bytes)) {
    fail_at(place, fmt::format("{} {} bytes that are not in shared memory", what, bytes).c_str());
  }
}

void fail_at(Place place, const char* text) { the_block().fail(fmt::format("at {}: {}", text_of(place), text)); }

}  // namespace cuunet::simt
