#include "kernels/device/backend.h"

#include "kernels/device/error.h"

namespace cuunet {

const char* name_of(Backend backend) {
  switch (backend) {
    case Backend::native: return "native";
    case Backend::cudnn: return "cudnn";
    case Backend::automatic: return "auto";
  }
  return "?";
}

Backend backend_named(std::string_view name) {
  for (Backend backend : {Backend::native, Backend::cudnn, Backend::automatic}) {
    if (name == name_of(backend)) return backend;
  }
  throw UsageError("--conv-backend takes native, cudnn or auto, got '{}'", name);
}

std::string cudnn_obstacle() {
  if (cudnn_answers.obstacle != nullptr) return cudnn_answers.obstacle();
  return "this program was built without cuDNN; take native, or configure with -DCUUNET_CUDA=ON -DCUUNET_CUDNN=ON";
}

std::string cudnn_version() {
  std::string obstacle = cudnn_obstacle();
  if (!obstacle.empty()) throw Error("{}", obstacle);
  return cudnn_answers.version();
}

}  // namespace cuunet
