// Separable linear maps of pixels on the CPU: y[p, q] = Σ_{a, b} rows[p, a]·columns[q, b]·x[a, b] for each channel,
// with few taps per output. Interpolation, padding, average pooling and blur are such maps, and so are their gradients:
// the transposed taps.
#pragma once

#include "kernels/device/context.h"
#include "kernels/device/view.h"

#include <span>
#include <vector>

namespace cuunet {

// One axis: the inputs that each output reads, and their weights.
class Taps {
 public:
  struct Tap {
    int64_t source;
    double weight;
  };

  explicit Taps(int64_t sources) : sources_(sources) {}
  // The taps of the next output.
  void append(std::initializer_list<Tap> taps) { append(std::span(taps)); }
  void append(std::span<const Tap> taps) {
    taps_.insert(taps_.end(), taps.begin(), taps.end());
    begin_.push_back(taps_.size());
  }

  int64_t sources() const { return sources_; }
  int64_t outputs() const { return static_cast<int64_t>(begin_.size()) - 1; }
  std::span<const Tap> of(int64_t output) const {
    auto i = static_cast<size_t>(output);
    return std::span(taps_).subspan(begin_[i], begin_[i + 1] - begin_[i]);
  }
  // Reads outputs, makes sources; in the order of the outputs.
  Taps transposed() const;

 private:
  int64_t sources_;
  std::vector<Tap> taps_;
  std::vector<size_t> begin_{0};
};

// x: [N, C, rows.sources(), columns.sources()], y: [N, C, rows.outputs(), columns.outputs()]; channel slices or owners.
void apply_taps(const char* op, Context& context, ConstView x, View y, const Taps& rows, const Taps& columns);
// The gradient of apply_taps. An empty grad_x is not computed.
void apply_taps_backward(const char* op, Context& context, ConstView grad_y, View grad_x, const Taps& rows,
                         const Taps& columns);

}  // namespace cuunet
