// A block per 4096 stored elements of a list of tensors (tensor_list.cuh); the counts, whole numbers below 2^53, are
// added in double.
// Per element: 4 bytes (bf16: 2) read; a comparison and an addition in double. Bound: memory bandwidth.
#include "kernels/optim/all_finite.h"

#include "kernels/optim/tensor_list.cuh"
#include "kernels/reduce/element_sum.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Entry {
  const void* data;
  unsigned count;
  bool half;  // bf16, else f32
};

static_assert(list_threads == sum_threads);

__global__ void __launch_bounds__(sum_threads) count_kernel(TensorList<Entry> list, double* partials) {
  ListShare<Entry> share(list);
  const void* data = share.entry.data;
  double found = 0;
  for (unsigned i = share.begin + threadIdx.x; i < share.end; i += list_threads) {
    float x = share.entry.half ? to_float(static_cast<const bfloat16*>(data)[i]) : static_cast<const float*>(data)[i];
    found += (__float_as_uint(x) & 0x7F800000u) == 0x7F800000u;
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

void count(Context& context, std::span<const ConstView> tensors, View total) {
  std::vector<Entry> entries;
  for (const ConstView& x : tensors) {
    visit_storage("count_not_finite", x.dtype, [](auto) {});  // no other type
    entries.push_back({x.data, count_32(x.storage_elements()), x.dtype == DType::bf16});
  }
  for_each_list(std::span<const Entry>(entries), [&](const TensorList<Entry>& list, unsigned blocks) {
    Workspace partials(context, blocks * sizeof(double));
    launch<count_kernel>({blocks, sum_threads, 0, stream_of(context)}, list, partials.as<double>());
    launch<add_counts_kernel>({1, sum_threads, 0, stream_of(context)}, partials.as<double>(), blocks,
                              total.as<int64_t>());
  });
}

const Implementation count_here{count_not_finite, Device::CUUNET_TARGET, count};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
