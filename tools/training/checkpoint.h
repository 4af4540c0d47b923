// The checkpoints of a run folder. Each is one safetensors file:
//   model.<state-dict name>          the network's parameters and buffers
//   optimizer.<what>.<name>          the optimiser's state, such as optimizer.exp_avg.layers.11.0.weight
//   metadata "cuunet.model"          the network's description, so that a checkpoint can be used as a model
//   metadata "cuunet.training"       JSON: where the run stands and what decides its bits
//   metadata "checksum"              over all of the above
//
// A checkpoint appears whole or not at all. save() writes it beside the others, then gives it its names:
//   last, previous (the last before it), best, epoch_0010 (kept for good)
// At every moment `last` or `previous` can be read. FileError: the disk is full, a file is cut short or was changed.
#pragma once

#include "engine/tensor/tensor.h"
#include "weights/format/safetensors.h"

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace cuunet {

struct NamedTensor {
  std::string name;
  Tensor value;
};

inline constexpr std::string_view network_prefix = "model.";
inline constexpr std::string_view optimizer_prefix = "optimizer.";

// One checkpoint, read and found to be what was written.
class Checkpoint {
 public:
  explicit Checkpoint(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return file_.path(); }
  const nlohmann::json& state() const { return *state_; }
  const SafetensorsFile& file() const { return file_; }
  // Overwrites a tensor with the stored one of that name. FileError: not there, another shape.
  void restore(const std::string& name, Tensor& tensor) const;

 private:
  SafetensorsFile file_;
  std::shared_ptr<const nlohmann::json> state_;
};

// What a checkpoint is written from: copies, so that the tensors may change while a thread writes it.
class CheckpointContents {
 public:
  CheckpointContents(const std::vector<NamedTensor>& tensors, const nlohmann::json& state,
                     std::map<std::string, std::string> metadata = {});
  CheckpointContents(CheckpointContents&&) = default;
  CheckpointContents(const CheckpointContents&) = delete;  // tensors_ looks into the deques

  const std::vector<StoredTensor>& tensors() const { return tensors_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }  // state and checksum included

 private:
  std::deque<std::vector<float>> f32_;
  std::deque<std::vector<double>> f64_;
  std::deque<std::vector<int64_t>> i64_;
  std::vector<StoredTensor> tensors_;
  std::map<std::string, std::string> metadata_;

  void add(const NamedTensor& tensor);
};

class CheckpointFolder {
 public:
  explicit CheckpointFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  bool empty() const;  // neither last nor previous is there
  std::filesystem::path last() const { return folder_ / "last.safetensors"; }
  std::filesystem::path previous() const { return folder_ / "previous.safetensors"; }
  std::filesystem::path best() const { return folder_ / "best.safetensors"; }
  std::filesystem::path epoch(int64_t number) const;

  struct Names {
    bool best = false;       // also the best so far
    int64_t keep_epoch = 0;  // also kept under this number; 0: no
  };
  void save(const CheckpointContents& contents, const Names& names) const;

  // The last checkpoint, or when that is damaged the previous one; what is wrong with the last is added to
  // `complaints`. FileError when neither can be used.
  Checkpoint newest(std::vector<std::string>& complaints) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace cuunet
