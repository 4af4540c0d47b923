#include "kernels/linalg/row_sums.h"

#include "kernels/device/parallel.h"

namespace cuunet {

void sum_rows(Context& context, const ConstMatrix& m, int64_t batches, View sums) {
  visit_float(m.dtype, [&]<class T>(T) {
    using A = accumulator_t<T>;
    parallel_for(context, m.rows, 8, [=](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        double sum = 0;
        for (int64_t batch = 0; batch < batches; ++batch) {
          const T* from = static_cast<const T*>(m.data) + batch * m.batch_stride + row * m.row_stride;
          for (int64_t c = 0; c < m.columns; ++c) sum += static_cast<double>(static_cast<A>(from[c * m.column_stride]));
        }
        sums.as<A>()[row] = static_cast<A>(sum);
      }
    });
  });
}

}  // namespace cuunet
