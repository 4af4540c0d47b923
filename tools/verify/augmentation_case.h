// A conformance case aug_*: a list of operations, a resize, and the image they work on.
#pragma once

#include "tools/data/transform.h"

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace cuunet {

struct AugmentationCase {
  std::string name;
  std::vector<Operation> operations;
  Resize resize;
  Beyond beyond = Beyond::reflection;
  Pixels<double> image;  // made from its name; exact in f32
};

// Error names the case and the field that is missing or unknown.
AugmentationCase parse_augmentation_case(const nlohmann::json& text);

// {"output": [3, H, W], "grid": [H, W, 2] when the case samples}, row-major, computed in T.
template <class T>
std::map<std::string, std::vector<T>> run(const AugmentationCase& augmentation);

}  // namespace cuunet
