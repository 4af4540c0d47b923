// The logical shape of a tensor: at most four dimensions, in PyTorch's order ([N, C, H, W] for feature maps).
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace cuunet {

class Shape {
 public:
  static constexpr int max_rank = 4;

  Shape() = default;
  Shape(std::initializer_list<int64_t> dimensions);
  explicit Shape(std::span<const int64_t> dimensions);

  int rank() const { return rank_; }
  int64_t operator[](int i) const { return dimensions_[static_cast<size_t>(i)]; }
  int64_t elements() const {
    int64_t product = 1;
    for (int i = 0; i < rank_; ++i) product *= dimensions_[static_cast<size_t>(i)];
    return product;
  }
  bool operator==(const Shape&) const = default;
  std::string text() const;  // "[8, 3, 64, 64]"

 private:
  std::array<int64_t, max_rank> dimensions_{};
  int rank_ = 0;
};

}  // namespace cuunet
