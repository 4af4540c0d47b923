// The table of operators per device. An operator is declared once, in its header:
//
//   inline constinit Operator<void(Context&, ConstView x, View y)> relu_forward{"relu_forward"};
//
// called like a function, relu_forward(context, x, y), and implemented per device where its code is:
//
//   const Implementation on_cpu{relu_forward, Device::cpu, cpu_relu_forward};
#pragma once

#include "kernels/device/context.h"
#include "kernels/device/error.h"
#include "kernels/device/view.h"

#include <array>
#include <utility>

namespace cuunet {

template <class Function>
class Operator;

template <class... Args>
class Operator<void(Context&, Args...)> {
 public:
  using Pointer = void (*)(Context&, Args...);

  explicit constexpr Operator(const char* name) : name_(name) {}

  void operator()(Context& context, Args... args) const {
    Pointer implementation = table_[static_cast<size_t>(context.device())];
    if (implementation == nullptr) {
      throw Error("{} is not built for {}; run with --device cpu", name_, name_of(context.device()));
    }
    implementation(context, std::forward<Args>(args)...);
  }
  const char* name() const { return name_; }
  bool built_for(Device device) const { return table_[static_cast<size_t>(device)] != nullptr; }
  void implement(Device device, Pointer implementation) { table_[static_cast<size_t>(device)] = implementation; }

 private:
  const char* name_;
  std::array<Pointer, device_count> table_{};
};

// Enters a device's implementation into the table when the program starts.
struct Implementation {
  template <class Function>
  Implementation(Operator<Function>& op, Device device, typename Operator<Function>::Pointer implementation) {
    op.implement(device, implementation);
  }
};

}  // namespace cuunet
