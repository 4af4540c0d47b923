#include "tools/training/finiteness.h"

#include "kernels/optim/all_finite.h"

namespace cuunet {

int64_t not_finite(const Tensor& tensor) {
  if (!tensor.defined() || tensor.dtype() == DType::i64) return 0;
  Tensor whole = tensor.contiguous();
  Tensor count = Tensor::zeros(tensor.context(), {1}, DType::i64);
  count_not_finite(tensor.context(), whole.view(), count.view());
  return static_cast<int64_t>(count.item());
}

}  // namespace cuunet
