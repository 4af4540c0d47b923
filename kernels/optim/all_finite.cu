// Each thread counts in its share of the stored elements; the counts, whole numbers below 2^53, are added in double.
// Traffic: the tensor once. Bound: memory bandwidth.
#include "kernels/optim/all_finite.h"

#include "kernels/reduce/element_sum.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

template <class T>
__global__ void __launch_bounds__(sum_threads) count_kernel(const T* x, unsigned count, double* partials) {
  double found = 0;
  for (unsigned i = blockIdx.x * sum_threads + threadIdx.x; i < count; i += gridDim.x * sum_threads) {
    found += (__float_as_uint(to_float(x[i])) & 0x7F800000u) == 0x7F800000u;
  }
  found = block_sum(found);
  if (threadIdx.x == 0) partials[blockIdx.x] = found;
}

__global__ void add_counts_kernel(const double* partials, unsigned count, int64_t* total) {
  double found = 0;
  for (unsigned i = threadIdx.x; i < count; i += sum_threads) found += partials[i];
  found = block_sum(found);
  if (threadIdx.x == 0) *total += static_cast<int64_t>(found);
}

void count(Context& context, ConstView x, View total) {
  visit_storage("count_not_finite", x.dtype, [&]<class T>(T) {
    unsigned elements = count_32(x.storage_elements());
    unsigned blocks = sum_blocks(elements);
    if (elements == 0) return;
    Workspace partials(context, blocks * sizeof(double));
    launch<count_kernel<T>>({blocks, sum_threads, 0, stream_of(context)}, x.as<T>(), elements, partials.as<double>());
    launch<add_counts_kernel>({1, sum_threads, 0, stream_of(context)}, partials.as<double>(), blocks,
                              total.as<int64_t>());
  });
}

const Implementation count_here{count_not_finite, Device::CUUNET_TARGET, count};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
