// A network of a file as an ONNX file that stands for itself: opset 17, f32, in eval mode, any batch and,
// where the network allows it, any height and width; weight and spectral norm folded.
#pragma once

#include "weights/export/onnx_graph.h"
#include "weights/mapping/network_file.h"

namespace cuunet {

struct OnnxReport {
  std::string network, sizes;  // which one it is, which pictures it takes
  size_t nodes = 0, constants = 0;
  uint64_t bytes = 0;
};

// Inputs and outputs have the names of LoadedNetwork. In the file's metadata:
//   network, picture_sizes   as in the report
//   cuunet.model             of a U-Net, its options as in cuunet's own files
//   input.mean, input.std    what the input is normalised with, per channel, where that is known
//   output.mean, output.std  the same of a picture that comes out
// FileErrors: more than 2 GiB, a file that may not be replaced.
OnnxReport write_onnx(LoadedNetwork& network, const std::filesystem::path& out, Existing existing);

}  // namespace cuunet
