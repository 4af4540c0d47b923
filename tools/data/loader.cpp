#include "tools/data/loader.h"

#include "kernels/device/error.h"
#include "tools/data/grey_pair.h"

#include <algorithm>
#include <numeric>

namespace cuunet {

namespace {

void require_positive(const char* name, int64_t value) {
  if (value < 1) throw UsageError("loader: {} is {}; expected at least 1", name, value);
}

}  // namespace

Loader::Loader(const Photographs& photographs, const LoaderOptions& options)
    : photographs_(photographs), options_(options), made_(options.first_step), eaten_(options.first_step) {
  require_positive("size", options_.size);
  require_positive("batch", options_.batch);
  require_positive("workers", options_.workers);
  require_positive("batches_ahead", options_.batches_ahead);
  int64_t count = photographs_.count();
  require_positive("number of photographs", count);
  steps_per_epoch_ =
      options_.training ? std::max<int64_t>(count / options_.batch, 1) : (count + options_.batch - 1) / options_.batch;
  end_step_ = options_.training ? options_.last_step : std::min(options_.last_step, steps_per_epoch_);
  slots_.resize(static_cast<size_t>(options_.batches_ahead));
  for (int i = 0; i < options_.workers; ++i) workers_.emplace_back([this] { work(); });
}

Loader::~Loader() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  room_.notify_all();
}

// Prepares the slot of a step: its epoch's order, its photographs, its memory. The mutex is held.
void Loader::open(int64_t step) {
  Slot& slot = slots_[static_cast<size_t>(step) % slots_.size()];
  Batch& batch = slot.batch;
  int64_t count = photographs_.count();
  batch.step = step;
  batch.epoch = options_.first_epoch + step / steps_per_epoch_;
  batch.size = options_.size;
  int64_t first = step % steps_per_epoch_ * options_.batch;
  batch.count = options_.training ? options_.batch : std::min(options_.batch, count - first);
  if (order_epoch_ != batch.epoch) {
    order_epoch_ = batch.epoch;
    if (options_.training) {
      order_ = drawn_order(count, options_.seed, Purpose::shuffle, static_cast<uint32_t>(batch.epoch));
    } else {
      order_.resize(static_cast<size_t>(count));
      std::iota(order_.begin(), order_.end(), 0);
    }
  }
  batch.photos.resize(static_cast<size_t>(batch.count));
  for (int64_t i = 0; i < batch.count; ++i) {
    batch.photos[static_cast<size_t>(i)] = order_[static_cast<size_t>((first + i) % count)];
  }
  auto floats = static_cast<size_t>(batch.count * batch.size * batch.size * image_pixel_stride);
  batch.input.resize(floats);
  batch.target.resize(floats);
  slot.unfinished = batch.count;
}

bool Loader::take(Task& task) {
  if (made_ >= end_step_ || made_ >= eaten_ + options_.batches_ahead) return false;
  if (item_ == 0) open(made_);
  task = {&slots_[static_cast<size_t>(made_) % slots_.size()], item_++};
  if (item_ == task.slot->batch.count) {
    ++made_;
    item_ = 0;
  }
  return true;
}

void Loader::make(const Task& task) const {
  Batch& batch = task.slot->batch;
  std::shared_ptr<const Image> photo = photographs_.load_readable(batch.photos[static_cast<size_t>(task.item)]);
  std::vector<Operation> operations = no_augmentation();
  if (options_.training) {
    int64_t place = batch.step % steps_per_epoch_ * options_.batch + task.item;
    RandomStream random(options_.seed, Purpose::augmentation, static_cast<uint32_t>(batch.epoch),
                        static_cast<uint32_t>(place));
    operations = draw_augmentation(options_.augmentation, random);
  }
  Resize resize{ResizeMethod::crop, batch.size, batch.size};
  Pixels<float> pixels = transformed<float>(*photo, operations, resize);
  auto offset = static_cast<size_t>(task.item * batch.size * batch.size * image_pixel_stride);
  write_grey_pair(pixels, batch.input.data() + offset, batch.target.data() + offset);
}

void Loader::work() {
  std::unique_lock lock(mutex_);
  while (!stop_ && !error_) {
    Task task;
    if (!take(task)) {
      room_.wait(lock);
      continue;
    }
    lock.unlock();
    std::exception_ptr error;
    try {
      make(task);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    if (error && !error_) error_ = error;
    // A batch with a failed item stays unfinished for ever: next() must not hand it out.
    if (error || --task.slot->unfinished == 0) finished_.notify_all();
  }
}

bool Loader::next(Batch& batch) {
  std::unique_lock lock(mutex_);
  if (eaten_ >= end_step_) return false;
  Slot& slot = slots_[static_cast<size_t>(eaten_) % slots_.size()];
  bool waiting_for_workers = true;
  finished_.wait(lock, [&] {
    bool opened = eaten_ < made_ || (eaten_ == made_ && item_ > 0);
    waiting_for_workers = !opened || slot.unfinished > 0;
    return error_ || !waiting_for_workers;
  });
  if (waiting_for_workers) std::rethrow_exception(error_);
  std::swap(batch, slot.batch);
  ++eaten_;
  lock.unlock();
  room_.notify_all();
  return true;
}

}  // namespace cuunet
