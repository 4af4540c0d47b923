// One conformance case: what its file says of it, its inputs made from their names, and its expected tensors, read when
// asked for. The formats are those of the conformance families (ops, fastai_unet, …); see the READMEs beside the cases.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace cuunet {

class SafetensorsFile;

// The expected tensors beside a case file ("conv2d.safetensors" for "conv2d.json"), opened at the first question.
class ExpectedTensors {
 public:
  explicit ExpectedTensors(std::filesystem::path case_file);
  ~ExpectedTensors();
  // The values in PyTorch's order; nothing when the file has no tensor of that name.
  std::optional<std::vector<double>> find(const std::string& key);
  std::filesystem::path folder() const { return path_.parent_path(); }

 private:
  std::filesystem::path path_;
  std::unique_ptr<SafetensorsFile> file_;
};

class Case {
 public:
  // `prefix` stands before the names of tensors: "conv2d/12/" in a file of many cases, nothing in a file of one.
  Case(std::string family, std::string name, std::string prefix, nlohmann::json description,
       std::shared_ptr<ExpectedTensors> expected);

  const std::string& family() const { return family_; }
  const std::string& name() const { return name_; }            // "conv2d/12"
  std::string title() const { return family_ + "/" + name_; }  // what the table prints and --filter matches
  const nlohmann::json& json() const { return json_; }
  std::filesystem::path folder() const { return expected_->folder(); }  // where its file lies, and others it names
  int64_t salt() const { return json_.value("salt", int64_t{0}); }

  bool has_input(const std::string& input) const;
  std::vector<int64_t> input_shape(const std::string& input) const;
  // Made from the input's name and transform, or stored with the expected tensors where the case says so.
  std::vector<float> input_values(const std::string& input) const { return input_values(input, input); }
  // The same for one of several inputs that a case lists together: "p/grad_3" of "p/grad_1 .. p/grad_5".
  std::vector<float> input_values(const std::string& listed, const std::string& input) const;

  // A tensor the case stores, under its key.
  std::string key(const std::string& tensor) const { return prefix_ + tensor; }
  std::optional<std::vector<double>> expected(const std::string& tensor) const { return expected_->find(key(tensor)); }
  // [sum, L2 norm, dot product] of a tensor, and the difference allowed to each; see probes_of in named_values.h.
  std::optional<std::array<double, 3>> probes(const std::string& tensor) const;
  std::array<double, 3> probe_tolerance(const std::string& tensor) const;

  // How many numbers the case holds to be compared with: its outputs, probes and scalars.
  struct Listed {
    std::string tensor;
    int64_t numbers;
  };
  std::vector<Listed> listed() const;

 private:
  const nlohmann::json& input(const std::string& name) const;

  std::string family_, name_, prefix_;
  nlohmann::json json_;
  std::shared_ptr<ExpectedTensors> expected_;
};

// The cases of one file, in its order. A file with a "name" or without "cases" is one case, named after it; otherwise
// each entry of "cases" is one, named by itself or "<file>/<number>". The family is the file's "family" or its folder.
// Of a list of "files" (checkpoints/hostile) each is a case "<folder>/<file>" of the family of the folder above.
std::vector<Case> read_cases(const std::filesystem::path& file);

}  // namespace cuunet
