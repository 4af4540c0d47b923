#include "tests/kernels/simt/intrinsics/probes.h"

#include "kernels/device/intrinsics.h"
#include "tests/kernels/simt/intrinsics/draws.h"

namespace cuunet {
namespace {

using namespace CUUNET_TARGET;

template <auto kernel>
void start(const Probe& probe, const uint32_t* inputs, uint32_t* outputs) {
  launch<kernel>({dim3(1), dim3(static_cast<unsigned>(probe.threads)), 0, {}}, inputs, outputs);
}

struct alignas(16) SharedRows {
  uint32_t word[64][4];
};

// Lane l gives the address of row 5l + 3, so that no row lies where its lane would look for it.
template <bool transposed>
__global__ void ldmatrix_kernel(const uint32_t* inputs, uint32_t* outputs) {
  auto& rows = block_shared<SharedRows>();
  unsigned lane = threadIdx.x;
  for (int i = 0; i < 4; ++i) rows.word[lane][i] = inputs[4 * lane + i];
  __syncthreads();
  uint32_t fragment[4];
  ldmatrix_x4<transposed>(fragment, rows.word[(5 * lane + 3) % 32]);
  for (int i = 0; i < 4; ++i) outputs[4 * lane + i] = fragment[i];
}

// Inputs: a[I][4], b[J][2], sums[I][J][4]. Outputs: the sums.
template <int I, int J, bool tf32>
__global__ void mma_kernel(const uint32_t* inputs, uint32_t* outputs) {
  const uint32_t* mine = inputs + threadIdx.x * (4 * I + 2 * J + 4 * I * J);
  uint32_t a[I][4], b[J][2];
  float sums[I][J][4];
  for (int i = 0; i < I; ++i) {
    for (int e = 0; e < 4; ++e) a[i][e] = *mine++;
  }
  for (int j = 0; j < J; ++j) {
    for (int e = 0; e < 2; ++e) b[j][e] = *mine++;
  }
  for (int n = 0; n < 4 * I * J; ++n) sums[n / 4 / J][n / 4 % J][n % 4] = __uint_as_float(*mine++);
  if constexpr (tf32)
    mma_tf32(sums, a, b);
  else
    mma_bf16(sums, a, b);
  uint32_t* results = outputs + threadIdx.x * 4 * I * J;
  for (int n = 0; n < 4 * I * J; ++n) results[n] = __float_as_uint(sums[n / 4 / J][n / 4 % J][n % 4]);
}

// Two groups of copies of 0 to 16 valid bytes; each is read by the neighbour as soon as it is there.
__global__ void cp_async_kernel(const uint32_t* inputs, uint32_t* outputs) {
  auto& rows = block_shared<SharedRows>();
  unsigned lane = threadIdx.x, neighbour = lane ^ 1;
  cp_async(rows.word[lane], inputs + 8 * lane, static_cast<int>(lane % 17));
  cp_async_commit();
  cp_async(rows.word[32 + lane], inputs + 8 * lane + 4, static_cast<int>(16 - lane % 17));
  cp_async_commit();
  cp_async_wait<1>();
  __syncthreads();
  for (int i = 0; i < 4; ++i) outputs[8 * lane + i] = rows.word[neighbour][i];
  cp_async_wait<0>();
  __syncthreads();
  for (int i = 0; i < 4; ++i) outputs[8 * lane + 4 + i] = rows.word[32 + neighbour][i];
}

// Inputs: a value, a lane. Outputs: by lane, exclusive or, down and up, of a whole warp and of parts.
__global__ void shuffle_kernel(const uint32_t* inputs, uint32_t* outputs) {
  uint32_t value = inputs[2 * threadIdx.x];
  int lane = static_cast<int>(inputs[2 * threadIdx.x + 1] % 32);
  uint32_t* results = outputs + 8 * threadIdx.x;
  results[0] = __shfl_sync(all_lanes, value, lane);
  results[1] = __shfl_sync(all_lanes, value, lane, 8);
  results[2] = __shfl_xor_sync(all_lanes, value, 16);
  results[3] = __shfl_xor_sync(all_lanes, value, 3, 4);
  results[4] = __shfl_down_sync(all_lanes, value, 4);
  results[5] = __shfl_down_sync(all_lanes, value, 5, 16);
  results[6] = __shfl_up_sync(all_lanes, value, 1);
  results[7] = __shfl_up_sync(all_lanes, value, 7, 16);
}

// The two words of a double travel together.
__global__ void shuffle_f64_kernel(const uint32_t* inputs, uint32_t* outputs) {
  const double* values = reinterpret_cast<const double*>(inputs);
  reinterpret_cast<double*>(outputs)[threadIdx.x] = __shfl_down_sync(all_lanes, values[threadIdx.x], 3u);
}

// Each half of the warp votes for itself.
__global__ void vote_kernel(const uint32_t* inputs, uint32_t* outputs) {
  unsigned lane = threadIdx.x, half = lane < 16 ? 0x0000FFFFu : 0xFFFF0000u;
  uint32_t word = inputs[lane];
  uint32_t* results = outputs + 3 * lane;
  results[0] = __ballot_sync(half, word % 2);
  results[1] = static_cast<uint32_t>(__any_sync(half, word % 8 == 0));
  results[2] = static_cast<uint32_t>(__all_sync(half, word % 8 != 0));
}

__global__ void count_bits_kernel(const uint32_t* inputs, uint32_t* outputs) {
  uint32_t word = inputs[threadIdx.x] << threadIdx.x % 32;
  outputs[2 * threadIdx.x] = static_cast<uint32_t>(__popc(word));
  outputs[2 * threadIdx.x + 1] = static_cast<uint32_t>(__ffs(static_cast<int>(word)));
}

constexpr int large_shared_bytes = 64 * 1024;  // more than a launch gets without asking

__global__ void large_shared_kernel(const uint32_t* inputs, uint32_t* outputs) {
  uint32_t* memory = dynamic_shared<uint32_t>();
  unsigned apart = large_shared_bytes / 4 / blockDim.x;
  memory[apart * threadIdx.x] = inputs[threadIdx.x];
  __syncthreads();
  outputs[threadIdx.x] = memory[apart * (blockDim.x - 1 - threadIdx.x)];
}

void start_large_shared(const Probe& probe, const uint32_t* inputs, uint32_t* outputs) {
  launch<large_shared_kernel>({dim3(1), dim3(static_cast<unsigned>(probe.threads)), large_shared_bytes, {}}, inputs,
                              outputs);
}

// Inputs: seed, counter.
__global__ void philox_kernel(const uint32_t* inputs, uint32_t* outputs) {
  const uint32_t* mine = inputs + 6 * threadIdx.x;
  Philox::Block block = Philox(mine[0] | uint64_t{mine[1]} << 32)(mine[2], mine[3], mine[4], mine[5]);
  for (int i = 0; i < 4; ++i) outputs[4 * threadIdx.x + i] = block.word[i];
}

template <class Function>
__global__ void map_kernel(const uint32_t* inputs, uint32_t* outputs) {
  outputs[threadIdx.x] = Function()(inputs[threadIdx.x]);
}

struct ToTf32 {
  __device__ uint32_t operator()(uint32_t bits) const { return to_tf32(bits); }
};
struct ToBf16 {
  __device__ uint32_t operator()(uint32_t bits) const { return to_bf16_bits(__uint_as_float(bits)); }
};
#define CUUNET_FUNCTION(Name, value)                      \
  struct Name {                                           \
    __device__ uint32_t operator()(uint32_t bits) const { \
      float x = __uint_as_float(bits);                    \
      return __float_as_uint(value);                      \
    }                                                     \
  }
CUUNET_FUNCTION(Exp, expf(x));
CUUNET_FUNCTION(Log, logf(1 + fabsf(x)));
CUUNET_FUNCTION(Log1p, log1pf(fabsf(x)));
CUUNET_FUNCTION(Tanh, tanhf(x));
CUUNET_FUNCTION(SquareRoot, sqrtf(fabsf(x)));
CUUNET_FUNCTION(Reciprocal, 1 / x);
#undef CUUNET_FUNCTION

// CUDA gives at most 2 units in the last place (Programming Guide, "Mathematical Functions"), the C library 1.
constexpr Results libm{Results::f32, 0, 3};
// Tensor cores cut products and partial sums off below the 23rd bit of the largest (Fasi et al., "Numerical behavior of
// NVIDIA tensor cores", 2021). Of the sums here, below 32, that is 2^-19 each; a wrong lane is off by about 1.
constexpr Results tensor_core{Results::f32, 0x1p-17, 0};
constexpr Results exact{Results::f32, 0, 0};

}  // namespace

const std::vector<Probe>& probes() {
  static const std::vector<Probe> all{
      {"ldmatrix_x4", 32, 4, 4, draw_bits, {}, start<ldmatrix_kernel<false>>},
      {"ldmatrix_x4_transposed", 32, 4, 4, draw_bits, {}, start<ldmatrix_kernel<true>>},
      {"mma_bf16_integers", 32, 10, 4, draw_bf16_integers<6>, exact, start<mma_kernel<1, 1, false>>},
      {"mma_bf16_2x4", 32, 48, 32, draw_bf16_units<16>, tensor_core, start<mma_kernel<2, 4, false>>},
      {"mma_tf32_integers", 32, 10, 4, draw_tf32_integers<6>, exact, start<mma_kernel<1, 1, true>>},
      {"mma_tf32_2x4", 32, 48, 32, draw_units, tensor_core, start<mma_kernel<2, 4, true>>},
      {"cp_async", 32, 8, 8, draw_bits, {}, start<cp_async_kernel>},
      {"shuffle", 32, 2, 8, draw_bits, {}, start<shuffle_kernel>},
      {"shuffle_f64", 32, 2, 2, draw_bits, {}, start<shuffle_f64_kernel>},
      {"vote", 32, 1, 3, draw_bits, {}, start<vote_kernel>},
      {"count_bits", 64, 1, 2, draw_bits, {}, start<count_bits_kernel>},
      {"large_shared", 128, 1, 1, draw_bits, {}, start_large_shared},
      {"philox", 32, 6, 4, draw_bits, {}, start<philox_kernel>},
      {"to_tf32", 256, 1, 1, draw_hard_floats, exact, start<map_kernel<ToTf32>>},
      {"to_bf16", 256, 1, 1, draw_hard_floats, {Results::bf16}, start<map_kernel<ToBf16>>},
      {"expf", 128, 1, 1, draw_tens, libm, start<map_kernel<Exp>>},
      {"logf", 128, 1, 1, draw_tens, libm, start<map_kernel<Log>>},
      {"log1pf", 128, 1, 1, draw_tens, libm, start<map_kernel<Log1p>>},
      {"tanhf", 128, 1, 1, draw_units, libm, start<map_kernel<Tanh>>},
      {"sqrtf", 128, 1, 1, draw_tens, exact, start<map_kernel<SquareRoot>>},
      {"division", 128, 1, 1, draw_tens, exact, start<map_kernel<Reciprocal>>},
  };
  return all;
}

#ifdef __CUDACC__

std::vector<uint32_t> run(const Probe& probe, const std::vector<uint32_t>& inputs) {
  std::vector<uint32_t> outputs(static_cast<size_t>(probe.threads * probe.outputs));
  uint32_t *in = nullptr, *out = nullptr;
  size_t in_bytes = inputs.size() * sizeof *in, out_bytes = outputs.size() * sizeof *out;
  require_success(cudaMalloc(&in, in_bytes), probe.name);
  require_success(cudaMalloc(&out, out_bytes), probe.name);
  require_success(cudaMemcpy(in, inputs.data(), in_bytes, cudaMemcpyHostToDevice), probe.name);
  require_success(cudaMemset(out, 0xFF, out_bytes), probe.name);
  probe.launch(probe, in, out);
  require_success(cudaMemcpy(outputs.data(), out, out_bytes, cudaMemcpyDeviceToHost), probe.name);
  cudaFree(in);
  cudaFree(out);
  return outputs;
}

#else

std::vector<uint32_t> run(const Probe& probe, const std::vector<uint32_t>& inputs) {
  std::vector<uint32_t> outputs(static_cast<size_t>(probe.threads * probe.outputs), 0xFFFFFFFFu);
  probe.launch(probe, inputs.data(), outputs.data());
  return outputs;
}

#endif

}  // namespace cuunet
