// A block per 4096 stored elements of a list of parameters (tensor_list.cuh), pad lanes included (zeros stay zeros).
// Per element: 12 bytes and four operations, with momentum 20 and six. Bound: memory bandwidth.
#include "kernels/optim/sgd.h"

#include "kernels/optim/tensor_list.cuh"

namespace cuunet::CUUNET_TARGET {
namespace {

struct Entry {
  float* parameter;
  const float* gradient;
  float* buffer;
  unsigned count;
  float rate, momentum, decay;
  bool first;  // what the buffer holds does not count
};

__global__ void __launch_bounds__(list_threads) step_kernel(TensorList<Entry> list) {
  ListShare<Entry> share(list);
  const Entry& s = share.entry;
  for (unsigned i = share.begin + threadIdx.x; i < share.end; i += list_threads) {
    float p = s.parameter[i], g = s.gradient[i] + s.decay * p;
    if (s.buffer != nullptr) {
      if (!s.first) g += s.momentum * s.buffer[i];
      s.buffer[i] = g;
    }
    s.parameter[i] = p - s.rate * g;
  }
}

Entry entry_of(const SgdUpdate& update) {
  const View& parameter = update.parameter;
  for (ConstView other : {ConstView(parameter), update.gradient, ConstView(update.momentum_buffer)}) {
    bool fits = other.shape == parameter.shape && other.storage_elements() == parameter.storage_elements();
    if (other.empty() || (fits && other.dtype == DType::f32)) continue;
    throw ShapeError("sgd expects parameter, gradient and buffer to be whole, f32 and {}, got {} {}",
                     parameter.shape.text(), name_of(other.dtype), other.shape.text());
  }
  return {parameter.as<float>(),
          update.gradient.as<float>(),
          update.momentum_buffer.as<float>(),
          count_32(parameter.storage_elements()),
          static_cast<float>(update.step.learning_rate),
          static_cast<float>(update.step.momentum),
          static_cast<float>(update.step.weight_decay),
          update.step.first};
}

void step(Context& context, std::span<const SgdUpdate> updates) {
  std::vector<Entry> entries;
  for (const SgdUpdate& update : updates) entries.push_back(entry_of(update));
  for_each_list(std::span<const Entry>(entries), [&](const TensorList<Entry>& list, unsigned blocks) {
    launch<step_kernel>({blocks, list_threads, 0, stream_of(context)}, list);
  });
}

const Implementation step_here{sgd_step, Device::CUUNET_TARGET, step};

}  // namespace
}  // namespace cuunet::CUUNET_TARGET
