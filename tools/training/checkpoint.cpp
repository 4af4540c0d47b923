#include "tools/training/checkpoint.h"

#include "engine/tensor/dimensions.h"
#include "kernels/device/error.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>

namespace cuunet {

namespace fs = std::filesystem;

namespace {

constexpr const char* state_key = "cuunet.training";
constexpr const char* checksum_key = "cuunet.checksum";

// 64 bits over a sequence of byte strings: four lanes of multiply and rotate, then mixed. Finds damage, not malice.
class Checksum {
 public:
  void add(std::span<const std::byte> bytes) {
    size_t at = 0;
    for (; at + 32 <= bytes.size(); at += 32) {
      for (size_t lane = 0; lane < 4; ++lane) stir(lane, word(bytes.data() + at + 8 * lane, 8));
    }
    for (size_t lane = 0; at < bytes.size(); at += 8, ++lane) {
      stir(lane % 4, word(bytes.data() + at, std::min<size_t>(8, bytes.size() - at)));
    }
    stir(0, bytes.size());
  }
  void add(std::string_view text) { add(std::as_bytes(std::span(text.data(), text.size()))); }
  std::string text() const {
    uint64_t mixed = 0;
    for (uint64_t lane : lanes_) mixed = std::rotl((mixed ^ lane) * 0x9E3779B97F4A7C15u, 29);
    return fmt::format("{:016x}", mixed ^ (mixed >> 32));
  }

 private:
  static uint64_t word(const std::byte* data, size_t bytes) {
    uint64_t value = 0;
    std::memcpy(&value, data, bytes);
    return value;
  }
  void stir(size_t lane, uint64_t value) { lanes_[lane] = std::rotl((lanes_[lane] ^ value) * 0xBF58476D1CE4E5B9u, 31); }

  uint64_t lanes_[4] = {1, 2, 3, 4};
};

std::string checksum(std::vector<StoredTensor> tensors, const std::map<std::string, std::string>& metadata) {
  std::sort(tensors.begin(), tensors.end(),
            [](const StoredTensor& a, const StoredTensor& b) { return a.name < b.name; });
  Checksum sum;
  for (const auto& [key, value] : metadata) {
    if (key == checksum_key) continue;
    sum.add(key);
    sum.add(value);
  }
  for (const StoredTensor& tensor : tensors) {
    sum.add(tensor.name);
    sum.add(name_of(tensor.type));
    sum.add(std::as_bytes(std::span(tensor.shape)));
    sum.add(tensor.bytes);
  }
  return sum.text();
}

std::string shape_text(const std::vector<int64_t>& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

// Gives a file a second name, replacing what had it, in one step. Where hard links are not to be had it is copied.
void also_name(const fs::path& file, const fs::path& name) {
  fs::path beside = name;
  beside += ".part";
  std::error_code error;
  fs::remove(beside, error);
  fs::create_hard_link(file, beside, error);
  if (error) fs::copy_file(file, beside, fs::copy_options::overwrite_existing);
  fs::rename(beside, name);
}

}  // namespace

CheckpointContents::CheckpointContents(const std::vector<NamedTensor>& tensors, const nlohmann::json& state,
                                       std::map<std::string, std::string> metadata)
    : metadata_(std::move(metadata)) {
  for (const NamedTensor& tensor : tensors) add(tensor);
  metadata_[state_key] = state.dump();
  metadata_[checksum_key] = checksum(tensors_, metadata_);
}

// In the type that keeps every bit.
void CheckpointContents::add(const NamedTensor& tensor) {
  std::vector<int64_t> shape = dimensions_of(tensor.value.shape());
  auto keep = [&](auto& values, auto host) {
    values.emplace_back(host.begin(), host.end());
    tensors_.push_back(stored_tensor(tensor.name, shape, values.back()));
  };
  switch (tensor.value.dtype()) {
    case DType::f64: return keep(f64_, tensor.value.to_host());
    case DType::i64:
    case DType::u8: return keep(i64_, tensor.value.to_host());
    default: return keep(f32_, tensor.value.to_host_f32());
  }
}

Checkpoint::Checkpoint(const fs::path& path) : file_(path) {
  auto state = file_.metadata().find(state_key);
  auto sum = file_.metadata().find(checksum_key);
  if (state == file_.metadata().end() || sum == file_.metadata().end()) {
    throw FileError("{}: holds weights but no state of a training run; expected a checkpoint of 'cuunet train'",
                    path.string());
  }
  std::string found = checksum(file_.tensors(), file_.metadata());
  if (found != sum->second) {
    throw FileError("{}: the checkpoint is damaged: its checksum is {}, expected {}", path.string(), found,
                    sum->second);
  }
  state_ = std::make_shared<const nlohmann::json>(nlohmann::json::parse(state->second));
}

void Checkpoint::restore(const std::string& name, Tensor& tensor) const {
  const StoredTensor& stored = file_.at(name);
  if (stored.shape != dimensions_of(tensor.shape())) {
    throw FileError("{}: '{}' has shape {}, expected {}", path().string(), name, shape_text(stored.shape),
                    tensor.shape().text());
  }
  tensor.assign(to_doubles(stored));
}

fs::path CheckpointFolder::epoch(int64_t number) const {
  return folder_ / fmt::format("epoch_{:04}.safetensors", number);
}

bool CheckpointFolder::empty() const { return !fs::exists(last()) && !fs::exists(previous()); }

void CheckpointFolder::save(const CheckpointContents& contents, const Names& names) const {
  make_folder(folder_);
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_)) {
    // What a run that was killed while writing left behind.
    if (entry.path().extension() == ".part") fs::remove(entry.path());
  }
  fs::path next = folder_ / "next.safetensors";
  write_safetensors(next, contents.tensors(), contents.metadata());
  if (names.best) also_name(next, best());
  if (names.keep_epoch > 0) also_name(next, epoch(names.keep_epoch));
  if (fs::exists(last())) also_name(last(), previous());
  fs::rename(next, last());
}

Checkpoint CheckpointFolder::newest(std::vector<std::string>& complaints) const {
  if (empty()) throw FileError("{}: no checkpoint to go on from (last.safetensors)", folder_.string());
  for (const fs::path& path : {last(), previous()}) {
    if (!fs::exists(path)) continue;
    try {
      return Checkpoint(path);
    } catch (const Error& error) {
      complaints.emplace_back(error.what());
    }
  }
  throw FileError("no checkpoint can be used: {}; begin a new run, from other weights of this one with --init",
                  fmt::join(complaints, "; "));
}

}  // namespace cuunet
