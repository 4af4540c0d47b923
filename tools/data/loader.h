// Batches of grey/colour pairs, made on worker threads ahead of the step that eats them and handed over in order.
// The bits of a batch depend on (seed, epoch, step) and the photographs, not on the number of workers or their timing.
//
//   Loader loader(photographs, {.size = 64, .batch = 8, .seed = 1});
//   Batch batch;
//   while (loader.next(batch)) train_on(batch);
//
// Training: each epoch's order is drawn from (seed, epoch), each image's augmentation from (seed, epoch, place in that
// order); every batch is full, and what is left at an epoch's end sits that epoch out (fewer photographs than one batch
// are shown more than once). Validation: in the order of the source, centre crop, the last batch may be short.
// An unreadable photograph's place is taken by the next readable one.
#pragma once

#include "tools/data/augmentation.h"
#include "tools/data/photographs.h"

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

namespace cuunet {

struct Batch {
  int64_t step = 0;  // counted from the first epoch of the loader
  int64_t epoch = 0;
  int64_t count = 0, size = 0;
  std::vector<float> input, target;  // [count, size, size, 8]: see grey_pair.h
  std::vector<int64_t> photos;       // whose places these are, as indices of the source
};

struct LoaderOptions {
  int64_t size = 64;  // of the square crops, pixels
  int64_t batch = 8;
  uint64_t seed = 0;
  bool training = true;
  AugmentationSettings augmentation;  // training only
  int64_t first_epoch = 0;            // names the draws: give each epoch of a run its own number
  int64_t first_step = 0;             // to go on in the middle: steps of this loader that were done before
  int64_t last_step = std::numeric_limits<int64_t>::max();  // next() ends before it; validation: at one epoch's end
  int workers = 2;
  int64_t batches_ahead = 4;
};

class Loader {
 public:
  // Keeps a reference to the photographs. UsageError: a size, batch, … below 1.
  Loader(const Photographs& photographs, const LoaderOptions& options);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  int64_t steps_per_epoch() const { return steps_per_epoch_; }

  // Waits for the next batch and exchanges memory with `batch`, so that nothing is allocated once it has been around.
  // False when there are no more. Throws what a worker threw.
  bool next(Batch& batch);

 private:
  struct Slot {
    Batch batch;
    int64_t unfinished = 0;
  };
  struct Task {
    Slot* slot = nullptr;
    int64_t item = 0;
  };

  void work();
  bool take(Task& task);  // false: nothing to do at the moment
  void open(int64_t step);
  void make(const Task& task) const;

  const Photographs& photographs_;
  const LoaderOptions options_;
  int64_t steps_per_epoch_, end_step_;

  std::mutex mutex_;
  std::condition_variable room_, finished_;
  std::vector<Slot> slots_;  // step s lives in slot s mod size
  int64_t made_, item_ = 0;  // the step whose items are being handed out, and the next item of it
  int64_t eaten_;            // the step that next() gives next
  std::vector<int64_t> order_;
  int64_t order_epoch_ = -1;
  std::exception_ptr error_;
  bool stop_ = false;
  std::vector<std::jthread> workers_;
};

}  // namespace cuunet
