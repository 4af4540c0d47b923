// What a kernel may ask of the machine it runs on: which device, how many threads, which stream, scratch memory, and a
// place to keep its prepared primitives. The makers are in engine/device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <typeindex>
#include <unordered_map>

namespace cuunet {

enum class Device { cpu, cuda, simt };
inline constexpr int device_count = 3;
const char* name_of(Device);

// The widest instructions the CPU loops may use: x86-64-v2, -v3 (AVX2 + FMA), -v4 (AVX-512).
enum class Isa { baseline, avx2, avx512 };
Isa widest_isa_of_this_cpu();

// The thread orders of the host executor; results must not depend on them.
enum class ThreadOrder { forward, reverse, shuffled };

// Told before and after every launch of the host executor: one that closes the device's memory in between shows what
// would fail on a GPU.
class LaunchWatch {
 public:
  virtual ~LaunchWatch() = default;
  virtual void begin_launch() = 0;
  virtual void end_launch() = 0;
};

// What the arena holds of the device's memory, bytes.
struct MemoryUse {
  size_t in_use = 0, peak = 0;
  size_t available = SIZE_MAX;  // what it may still hand out; SIZE_MAX: the device does not say
};

class Context {
 public:
  Context(Device device, int threads, Isa isa) : device_(device), threads_(threads), isa_(isa) {}
  virtual ~Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  Device device() const { return device_; }
  int threads() const { return threads_; }
  Isa isa() const { return isa_; }
  ThreadOrder thread_order = ThreadOrder::forward;  // simt only
  LaunchWatch* launch_watch = nullptr;              // simt only
  void* stream = nullptr;                           // cudaStream_t on cuda
  bool allow_tf32 = false;  // cuda and simt: products of f32 on tensor cores, operands rounded to 10 bits

  // Memory of the device, 64-byte aligned, from the arena: after the first step these are reuses, never system calls.
  virtual void* allocate(size_t bytes) = 0;
  virtual void release(void* pointer, size_t bytes) = 0;

  // Whether host code may touch that memory itself. Where it may not, bytes come and go by these two, in the order of
  // the kernels; they return when the host may use its own side again.
  virtual bool memory_is_host() const { return true; }
  virtual void upload(void* device, const void* host, size_t bytes);
  virtual void download(void* host, const void* device, size_t bytes);
  // As upload, but beside the kernels: for memory that no kernel launched since the last join_uploads() uses. Kernels
  // launched after the next join_uploads() see the bytes.
  virtual void upload_ahead(void* device, const void* host, size_t bytes) { upload(device, host, bytes); }
  virtual void join_uploads() {}
  // Returns when all kernels are done; throws what went wrong in them.
  virtual void synchronize() {}
  virtual MemoryUse memory() const { return {}; }

  // State a kernel family keeps between calls (prepared primitives, tuned choices), made at first use.
  template <class State>
  State& state() {
    auto& slot = states_[typeid(State)];
    if (!slot) slot = std::shared_ptr<void>(new State, [](void* p) { delete static_cast<State*>(p); });
    return *static_cast<State*>(slot.get());
  }

 protected:
  // A Context whose states hold memory from allocate() must drop them before its arena goes.
  void drop_states() { states_.clear(); }

 private:
  Device device_;
  int threads_;
  Isa isa_;
  std::unordered_map<std::type_index, std::shared_ptr<void>> states_;
};

// Scratch memory for the length of a scope. Contents are undefined.
class Workspace {
 public:
  Workspace(Context& context, size_t bytes)
      : context_(context), bytes_(bytes), data_(bytes > 0 ? context.allocate(bytes) : nullptr) {}
  ~Workspace() {
    if (data_ != nullptr) context_.release(data_, bytes_);
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  template <class T>
  T* as() const {
    return static_cast<T*>(data_);
  }

 private:
  Context& context_;
  size_t bytes_;
  void* data_;
};

}  // namespace cuunet
