// The table of kernel benchmarks. A row is one operator, one pass and one shape; it is timed in each of its types:
//
//   const Rows rows([] {
//     for (Picture p : pictures)
//       row({"relu/forward/99" + at(p), [=](Operands& o) -> Call {
//         View x = o.in({p.batch, 99, p.px, p.px}), y = o.out(x.shape);
//         return [=](Context& c) { relu_forward(c, x, y); };
//       }});
//   });
//
// Names are operator/pass/what@size/type, on a GPU also …/type/cudnn. GB/s counts every operand once: the least that
// the pass must move. GFLOP/s counts a multiplication and an addition as two. share: see bench/kernels/limits.h. What
// fits into the cache is timed there: rows repeat on one memory.
#pragma once

#include "engine/tensor/tensor.h"

#include <functional>
#include <string>
#include <vector>

namespace cuunet::bench {

// Batch and size as in training (64, 128 px) and in inference (256, 512 px).
struct Picture {
  int64_t px, batch;
  bool operator==(const Picture&) const = default;
};
inline constexpr Picture pictures[] = {{64, 8}, {128, 8}, {256, 1}, {512, 1}};
std::string at(const Picture& p);  // "@256px"

// The pass that is timed.
using Call = std::function<void(Context&)>;

// Makes the operands of one row and counts their bytes. Feature maps are of the row's type unless another is named;
// parameters, statistics and losses are f32. Inputs are uniform in (-1, 1).
class Operands {
 public:
  Operands(Context& context, DType features) : context_(context), features_(features) {}

  View in(const Shape& shape) { return in(shape, features_); }
  View out(const Shape& shape) { return out(shape, features_); }
  View in(const Shape& shape, DType dtype);
  View out(const Shape& shape, DType dtype);
  double bytes() const { return bytes_; }

 private:
  Context& context_;
  DType features_;
  std::vector<Tensor> tensors_;
  double bytes_ = 0;
};

struct Row {
  std::string name;
  std::function<Call(Operands&)> prepare;
  double flops = 0;  // 0: not a row of multiplications
  std::vector<DType> types = {DType::f32, DType::bf16};
};
void row(Row row);

// Enters the rows of one file when the program starts.
struct Rows {
  explicit Rows(void (*enter)()) { enter(); }
};

std::vector<Row>& table();

}  // namespace cuunet::bench
