#include "tools/training/finiteness.h"

#include "kernels/optim/all_finite.h"

namespace cuunet {

int64_t not_finite(const Tensor& tensor) {
  if (!tensor.defined() || tensor.dtype() == DType::i64) return 0;
  Tensor whole = tensor.contiguous();
  Tensor count = Tensor::zeros(tensor.context(), {1}, DType::i64);
  ConstView elements = whole.view();
  count_not_finite(tensor.context(), {&elements, 1}, count.view());
  return static_cast<int64_t>(count.item());
}

}  // namespace cuunet
