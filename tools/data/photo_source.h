// Where photographs come from: a folder, drawn scenes, a part of another source.
#pragma once

#include "engine/io/image.h"
#include "kernels/device/philox.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cuunet {

class PhotoSource {
 public:
  virtual ~PhotoSource() = default;
  virtual int64_t count() const = 0;
  virtual std::string name(int64_t i) const = 0;
  // Called from several threads at once; the same i gives the same image. FileError when it cannot be read.
  virtual Image load(int64_t i) const = 0;
};

// Indices of a source, in rising order: for validation round(fraction · count), at least one and at most all but one
// when 0 < fraction < 1 and there are two; for training the rest. Which ones is drawn from the seed.
struct Split {
  std::vector<int64_t> train, valid;
};
Split split_by_fraction(int64_t count, double fraction, uint64_t seed);

// Some of the photographs of a source.
class PhotoSubset : public PhotoSource {
 public:
  PhotoSubset(std::shared_ptr<const PhotoSource> whole, std::vector<int64_t> indices)
      : whole_(std::move(whole)), indices_(std::move(indices)) {}
  int64_t count() const override { return static_cast<int64_t>(indices_.size()); }
  std::string name(int64_t i) const override { return whole_->name(indices_[static_cast<size_t>(i)]); }
  Image load(int64_t i) const override { return whole_->load(indices_[static_cast<size_t>(i)]); }

 private:
  std::shared_ptr<const PhotoSource> whole_;
  std::vector<int64_t> indices_;
};

// 0 … count-1 in an order drawn from (seed, purpose, epoch), the same everywhere.

std::vector<int64_t> drawn_order(int64_t count, uint64_t seed, Purpose purpose, uint32_t epoch = 0);

}  // namespace cuunet
