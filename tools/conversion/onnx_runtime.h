// ONNX Runtime beside this program: in a Python that has it, $CUUNET_PYTHON if that is set; else .venv/bin/python,
// where `make bench-peers` installs it, else python3.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace cuunet {

struct NamedArray {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<float> values;  // row-major
};

struct OnnxRuntimeResults {
  std::string version;
  std::vector<std::vector<NamedArray>> runs;  // the outputs of each
};

// Every run is a list of inputs. Error: there is no Python with ONNX Runtime, or what it said when it failed.
OnnxRuntimeResults run_onnx_runtime(const std::filesystem::path& model,
                                    const std::vector<std::vector<NamedArray>>& runs, int threads);

const char* onnx_runtime_script();  // onnx_runtime.py

}  // namespace cuunet
