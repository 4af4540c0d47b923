#include "kernels/device/nvidia/cudnn_library.h"

#include "kernels/device/backend.h"
#include "kernels/device/error.h"
#include "kernels/device/nvidia/shared_library.h"

namespace cuunet {
namespace {

// CUUNET_CUDNN_FOLDER: where the build found it, for a machine whose loader does not know the folder.
CudnnLibrary load() {
  SharedLibrary file({"libcudnn.so.9", CUUNET_CUDNN_FOLDER "/libcudnn.so.9"});
  CudnnLibrary library;
#define CUUNET_ENTRY(name) library.name = reinterpret_cast<decltype(&::name)>(file.function(#name));
  CUUNET_CUDNN_FUNCTIONS(CUUNET_ENTRY)
#undef CUUNET_ENTRY
  return library;
}

std::string obstacle() {
  try {
    cudnn_library();
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

// 91900 is 9.19.0.
std::string version() {
  size_t number = cudnn_library().cudnnGetVersion();
  return fmt::format("cuDNN {}.{}.{}", number / 10000, number / 100 % 100, number % 100);
}

[[maybe_unused]] const bool answers_entered = [] {
  cudnn_answers = {obstacle, version};
  return true;
}();

}  // namespace

const CudnnLibrary& cudnn_library() {
  static const CudnnLibrary library = load();
  return library;
}

void require_success(const CudnnLibrary& library, cudnnStatus_t status, const std::string& what) {
  if (status != CUDNN_STATUS_SUCCESS) throw Error("cudnn: {}: {}", what, library.cudnnGetErrorString(status));
}

}  // namespace cuunet
