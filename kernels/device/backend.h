// Which implementation of an operator runs on cuda: our kernels, or NVIDIA's libraries as their peer and oracle.
//
// native     our kernels
// cudnn      cuDNN for the passes of conv2d and conv_transpose2d, cuBLAS for every matrix product (matmul, linear,
//            conv1d, gram); an Error names what it cannot do. Everything else is native.
// automatic  per operator, shape and type the faster of both, timed on this device when it first comes
//
// Both are deterministic, but their bits differ. A choice stays for the life of its Context; another run may time a
// close pair otherwise, so equal bits need the same `measured` (or native, the default, or cudnn).
// Built with CUUNET_CUDNN only; the libraries are loaded when they are first needed.
#pragma once

#include "kernels/device/context.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace cuunet {

enum class Backend { native, cudnn, automatic };
const char* name_of(Backend);  // "native", "cudnn", "auto"
// A UsageError that lists the names when it is none of them.
Backend backend_named(std::string_view name);

// The best of several runs of each, in µs. An infinite one could not be run.
struct BackendTimes {
  double native = 0, library = 0;
  bool library_wins() const { return library < native; }
};

// What a Context wants, in its state<Backends>().
struct Backends {
  Backend wanted = Backend::native;
  std::map<std::string, BackendTimes> measured;  // by operator, types, shapes and parameters
  std::function<void(const Backends&)> remember;  // called when something was measured; may be empty
};

// "" when cuDNN can be loaded, else why not and what to do.
std::string cudnn_obstacle();
// "cuDNN 9.19.0"; an Error with the obstacle when it cannot be loaded.
std::string cudnn_version();

// The libraries' implementation of what a .cu file computes, entered when the program starts, where it is built.
template <class Function>
class Peer;

template <class... Args>
class Peer<void(Context&, Args...)> {
 public:
  using Pointer = void (*)(Context&, Args...);

  bool built() const { return implementation_ != nullptr; }
  void implement(Pointer implementation) { implementation_ = implementation; }
  void operator()(Context& context, Args... args) const { implementation_(context, args...); }

 private:
  Pointer implementation_ = nullptr;
};

struct PeerImplementation {
  template <class Function>
  PeerImplementation(Peer<Function>& peer, typename Peer<Function>::Pointer implementation) {
    peer.implement(implementation);
  }
};

// What the build with cuDNN tells about it.
struct CudnnAnswers {
  std::string (*obstacle)() = nullptr;
  std::string (*version)() = nullptr;
};
inline constinit CudnnAnswers cudnn_answers{};

}  // namespace cuunet
