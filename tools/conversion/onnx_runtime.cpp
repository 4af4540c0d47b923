#include "tools/conversion/onnx_runtime.h"

#include "engine/io/atomic_file.h"
#include "kernels/device/error.h"
#include "tools/conversion/child_process.h"

#include <stdlib.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>

namespace cuunet {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int module_missing = 3;  // the script's exit code

// Gone at the end, with what is in it.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (fs::temp_directory_path() / "cuunet-onnx-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      throw FileError("{}: cannot make a folder here; TMPDIR names another place", fs::temp_directory_path().string());
    }
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  fs::path operator/(const std::string& name) const { return path_ / name; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::vector<std::string> pythons() {
  const char* named = std::getenv("CUUNET_PYTHON");
  if (named != nullptr && *named != '\0') return {named};
  return {".venv/bin/python", "python3"};
}

void write_inputs(const ScratchFolder& folder, const std::vector<std::vector<NamedArray>>& runs) {
  json listed = json::array();
  for (size_t i = 0; i < runs.size(); ++i) {
    json inputs = json::array();
    for (size_t k = 0; k < runs[i].size(); ++k) {
      const NamedArray& input = runs[i][k];
      inputs.push_back({{"name", input.name}, {"shape", input.shape}});
      write_file(folder / fmt::format("input_{}_{}", i, k), std::as_bytes(std::span(input.values)), Existing::refuse);
    }
    listed.push_back(inputs);
  }
  std::string text = listed.dump();
  write_file(folder / "inputs.json", std::as_bytes(std::span(text)), Existing::refuse);
}

OnnxRuntimeResults read_outputs(const ScratchFolder& folder) {
  OnnxRuntimeResults results;
  std::ifstream file(folder / "outputs.json");
  json answer = json::parse(file);
  results.version = answer.at("version");
  for (const json& run : answer.at("runs")) {
    std::vector<NamedArray>& outputs = results.runs.emplace_back();
    for (const json& one : run) {
      fs::path path = folder / fmt::format("output_{}_{}", results.runs.size() - 1, outputs.size());
      NamedArray& output = outputs.emplace_back(NamedArray{one.at("name"), one.at("shape"), {}});
      output.values.resize(fs::file_size(path) / sizeof(float));
      auto bytes = std::as_writable_bytes(std::span(output.values));
      std::ifstream(path, std::ios::binary)
          .read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }
  }
  return results;
}

// The last line that holds anything: a Python's error.
std::string last_line(const fs::path& path) {
  std::string last = "it said nothing";
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.find_first_not_of(" \t\r") != std::string::npos) last = line;
  }
  return last;
}

}  // namespace

OnnxRuntimeResults run_onnx_runtime(const fs::path& model, const std::vector<std::vector<NamedArray>>& runs,
                                    int threads) {
  ScratchFolder folder;
  write_inputs(folder, runs);
  std::string tried;
  for (const std::string& python : pythons()) {
    fs::path said = folder / "stderr";
    std::optional<int> code = run_child(
        {python, "-c", onnx_runtime_script(), model.string(), folder.path().string(), std::to_string(threads)},
        folder / "stdout", said);
    bool started = code && *code != 126 && *code != 127;
    if (started && *code == 0) {
      try {
        return read_outputs(folder);
      } catch (const std::exception& error) {
        throw Error("{}: {} gave an answer that cannot be read: {}", model.string(), python, error.what());
      }
    }
    if (started && *code != module_missing) {
      throw Error("{}: ONNX Runtime ({}) failed with code {}: {}", model.string(), python, *code, last_line(said));
    }
    tried +=
        fmt::format("{}{}: {}", tried.empty() ? "" : "; ", python, started ? last_line(said) : "cannot be started");
  }
  throw Error(
      "{}: was written, but NOT compared with ONNX Runtime ({}); install it (`make bench-peers`, or pip install "
      "onnxruntime) or name a Python that has it in CUUNET_PYTHON",
      model.string(), tried);
}

}  // namespace cuunet
