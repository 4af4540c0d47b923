#include "tools/data/photographs.h"

#include "kernels/device/error.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace cuunet {

namespace {

bool is_grey(const Image& image) {
  for (size_t i = 0; i < image.rgb.size(); i += 3) {
    if (image.rgb[i] != image.rgb[i + 1] || image.rgb[i] != image.rgb[i + 2]) return false;
  }
  return true;
}

}  // namespace

Photographs::Photographs(std::shared_ptr<const PhotoSource> source, size_t cache_bytes)
    : source_(std::move(source)), cache_bytes_(cache_bytes), entries_(static_cast<size_t>(source_->count())) {}

std::shared_ptr<const Image> Photographs::load(int64_t i) const {
  Entry& entry = entries_[static_cast<size_t>(i)];
  {
    std::lock_guard lock(mutex_);
    if (entry.cached || entry.state == Entry::State::unreadable) return entry.cached;
  }
  std::shared_ptr<const Image> image;
  std::string reason;
  try {
    image = std::make_shared<const Image>(source_->load(i));
  } catch (const FileError& error) {
    reason = error.what();
  }
  bool grey = image && is_grey(*image);
  std::lock_guard lock(mutex_);
  entry.state = image ? Entry::State::readable : Entry::State::unreadable;
  entry.grey = grey;
  entry.reason = std::move(reason);
  if (image && !entry.cached && cached_bytes_ + image->rgb.size() <= cache_bytes_) {
    entry.cached = image;
    cached_bytes_ += image->rgb.size();
  }
  return image;
}

std::shared_ptr<const Image> Photographs::load_readable(int64_t i) const {
  for (int64_t tried = 0; tried < count(); ++tried) {
    if (auto image = load((i + tried) % count())) return image;
  }
  std::vector<Unreadable> unreadable = account().unreadable;
  throw FileError("none of the {} photographs can be read; the first: {}", count(),
                  unreadable.empty() ? "there is none" : unreadable.front().reason);
}

void Photographs::check(int threads) const {
  std::atomic<int64_t> next{0};
  std::vector<std::jthread> workers;
  for (int t = 0; t < std::max(threads, 1); ++t) {
    workers.emplace_back([&] {
      for (int64_t i = next++; i < count(); i = next++) load(i);
    });
  }
}

Photographs::Account Photographs::account() const {
  std::lock_guard lock(mutex_);
  Account account;
  account.count = count();
  for (size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    account.seen += entry.state != Entry::State::unseen;
    account.grey += entry.grey;
    if (entry.state == Entry::State::unreadable) {
      account.unreadable.push_back({source_->name(static_cast<int64_t>(i)), entry.reason});
    }
  }
  return account;
}

std::string summary_of(const Photographs::Account& account) {
  std::string text;
  if (!account.unreadable.empty()) {
    constexpr size_t named = 5;
    text =
        fmt::format("{} of {} photographs cannot be read and are left out: ", account.unreadable.size(), account.count);
    for (size_t i = 0; i < std::min(named, account.unreadable.size()); ++i) {
      text += fmt::format("{}{}", i > 0 ? ", " : "", account.unreadable[i].name);
    }
    text += fmt::format("{} (first: {})", account.unreadable.size() > named ? ", …" : "",
                        account.unreadable.front().reason);
  }
  if (account.grey > 0) {
    text += fmt::format("{}{} of {} photographs are grey and teach no colour", text.empty() ? "" : "; ", account.grey,
                        account.count);
  }
  return text;
}

}  // namespace cuunet
