// Whether ONNX Runtime computes on an ONNX file what the network that it was made of computes here.
#pragma once

#include "weights/mapping/network_file.h"

namespace cuunet {

// Height and width of an input.
using PictureSize = std::pair<int64_t, int64_t>;

struct OnnxParity {
  struct Row {
    PictureSize size;
    std::string output;
    std::vector<int64_t> shape;
    double difference, largest;  // between two values; of a value of ours
    double share() const { return difference == 0 ? 0 : difference / largest; }
  };
  std::string runtime;  // its version
  std::vector<Row> rows;
  double worst() const;  // the largest share; NaN where a value is not finite
};

// The share of the largest value that is allowed, f32 against f32 with sums in other orders. Networks with instance
// norms over few values reach 1.2e-5 (docs/onnx.md); a wrong border, index or normalisation is off by more than 1e-2.
inline constexpr double onnx_parity_bound = 1e-4;

// The sizes to compare at: those that are wanted, else the one that the network takes, or two that are not alike.
// UsageError: another than the one that it takes.
std::vector<PictureSize> parity_sizes(const LoadedNetwork& network, const std::vector<PictureSize>& wanted);

// On batches of two with values in [-1, 1), drawn by the seed. Error: what run_onnx_runtime says, an output of another
// name or shape.
OnnxParity compare_with_onnx_runtime(LoadedNetwork& network, const std::filesystem::path& onnx,
                                     const std::vector<PictureSize>& sizes, uint64_t seed);

}  // namespace cuunet
