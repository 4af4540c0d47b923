// The work that speed is measured on, by `cuunet bench` and by bench/models: DynamicUnet(ResNet-34) with weight norm
// and blur, in eval mode without a tape, or a whole training step with the feature loss. Weights and pictures are
// random, from a fixed seed; the pictures uniform in (-2, 2).
#pragma once

#include "kernels/device/context.h"
#include "kernels/device/dtype.h"

#include <cstdint>
#include <filesystem>
#include <memory>

namespace cuunet {

struct WorkSize {
  int64_t px = 256, batch = 1;
  DType features = DType::f32;
};

class NetworkWork {
 public:
  virtual ~NetworkWork() = default;
  virtual void run() = 0;

  // Runs it once and writes, as safetensors, what a peer needs to do the same and to say how far off the result is:
  // network.<name>, vgg.<name> (the weights before), input, target; then output (inference), or loss and
  // gradient.<name> (training).
  virtual void write(const std::filesystem::path& path) = 0;
};

std::unique_ptr<NetworkWork> make_inference(Context& context, const WorkSize& size);
// Everything trains: forward, feature loss, backward, AdamW.
std::unique_ptr<NetworkWork> make_training(Context& context, const WorkSize& size);

}  // namespace cuunet
