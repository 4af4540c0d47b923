// What a .cu file starts with: the CUDA language (nvcc's own, or the host executor's under g++), launches and shared
// memory. A .cu file is compiled twice and lives in namespace cuunet::CUUNET_TARGET, cuunet::cuda or cuunet::simt; the
// build defines CUUNET_TARGET. Host code in it enters the same operator twice:
//
//   const Implementation forward_here{relu_forward, Device::CUUNET_TARGET, forward};
//
// Rules: launch<kernel<64>>({grid, block, shared, stream_of(context)}, arguments…) is the only launch; block_shared and
// dynamic_shared are the only shared memory; every thread lives to the last barrier; no float atomics; no initialisers
// in shared structs; cp_async_wait<0>() before returning.
#pragma once

#include "kernels/device/context.h"
#include "kernels/device/error.h"

#ifndef CUUNET_TARGET
#error "CUUNET_TARGET must name the namespace of this compilation: cuda or simt"
#endif

#ifdef __CUDACC__
#include <cuda_runtime.h>
#else
#include "kernels/simt/language.h"
#endif

#include <type_traits>

namespace cuunet::CUUNET_TARGET {

constexpr unsigned all_lanes = 0xFFFFFFFFu;

// "kernel<64>" out of the compiler's text for a function template whose parameter `kernel` is one.
constexpr std::string_view kernel_name(std::string_view function) {
  size_t begin = function.find("kernel = ");
  if (begin == std::string_view::npos) return function;
  begin += 9;
  size_t end = function.find(';', begin);
  if (end == std::string_view::npos) end = function.rfind(']');
  return function.substr(begin, end - begin);
}

#ifdef __CUDACC__

struct LaunchConfig {
  dim3 grid, block;
  size_t shared;  // bytes of dynamic shared memory
  cudaStream_t stream;
};

inline cudaStream_t stream_of(const Context& context) { return static_cast<cudaStream_t>(context.stream); }

inline void require_success(cudaError_t status, std::string_view what) {
  if (status != cudaSuccess) throw Error("cuda: {}: {}", what, cudaGetErrorString(status));
}

template <class... Parameters>
void launch_kernel(void (*kernel)(Parameters...), std::string_view name, const LaunchConfig& config,
                   std::type_identity_t<Parameters>... arguments) {
  void* addresses[] = {static_cast<void*>(&arguments)..., nullptr};
  const void* function = reinterpret_cast<const void*>(kernel);
  // More than 48 KiB must be asked for.
  if (config.shared > 48 * 1024) {
    require_success(
        cudaFuncSetAttribute(function, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(config.shared)),
        name);
  }
  require_success(cudaLaunchKernel(function, config.grid, config.block, addresses, config.shared, config.stream), name);
}

template <auto kernel, class... Arguments>
void launch(const LaunchConfig& config, const Arguments&... arguments) {
  launch_kernel(kernel, kernel_name(__PRETTY_FUNCTION__), config, arguments...);
}

// The one T of the running kernel that its whole block shares.
template <class T>
__device__ __forceinline__ T& block_shared() {
  __shared__ T memory;
  return memory;
}

// The shared memory whose size the launch gave.
template <class T>
__device__ __forceinline__ T* dynamic_shared() {
  extern __shared__ __align__(128) unsigned char dynamic_shared_memory[];
  return reinterpret_cast<T*>(dynamic_shared_memory);
}

#else

inline Stream stream_of(const Context& context) { return {context.thread_order, context.launch_watch}; }

template <auto kernel, class... Arguments>
void launch(const LaunchConfig& config, const Arguments&... arguments) {
  static const std::string name{kernel_name(__PRETTY_FUNCTION__)};
  auto thread = [&] { kernel(arguments...); };
  auto body = [](const void* p) { (*static_cast<decltype(thread) const*>(p))(); };
  run_grid(name.c_str(), config, body, &thread);
}

template <class T>
T& block_shared() {
  static_assert(std::is_trivially_default_constructible_v<T>, "a shared struct has no initialisers");
  static const char key = 0;
  return *static_cast<T*>(shared_slot(&key, sizeof(T), alignof(T)));
}

template <class T>
T* dynamic_shared() {
  return static_cast<T*>(dynamic_shared_memory());
}

#endif

}  // namespace cuunet::CUUNET_TARGET
