#include "tools/training/checkpoint.h"

#include "engine/device/host_context.h"
#include "kernels/device/error.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

struct RunFolder {
  fs::path path = fs::temp_directory_path() / fmt::format("cuunet_checkpoint_{}", getpid());
  RunFolder() { fs::create_directories(path); }
  ~RunFolder() { fs::remove_all(path); }
};

struct Fixture {
  HostContext context{{.threads = 1}};
  RunFolder run;
  CheckpointFolder folder{run.path / "checkpoints"};

  std::vector<NamedTensor> tensors(float first) {
    std::vector<float> values(2 * 3 * 3 * 3);
    for (size_t i = 0; i < values.size(); ++i) values[i] = first + static_cast<float>(i) / 7;
    return {{"model.layers.0.weight", Tensor::from_host(context, {2, 3, 3, 3}, DType::f32, values)},
            {"model.layers.1.num_batches_tracked", Tensor::from_host(context, {}, DType::i64, std::vector<double>{12})},
            {"optimizer.exp_avg.layers.0.weight", Tensor::from_host(context, {2, 3, 3, 3}, DType::f32, values)},
            {"reference", Tensor::from_host(context, {1}, DType::f64, std::vector<double>{first + 1e-12})}};
  }
  nlohmann::json state(int epoch) { return {{"epoch", epoch}, {"loss", 0.1}}; }
  int epoch_of(const fs::path& path) { return Checkpoint(path).state().at("epoch"); }
};

void flip_bit(const fs::path& path, int64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  if (at < 0) at += static_cast<int64_t>(fs::file_size(path));
  file.seekg(at);
  char byte = static_cast<char>(file.get() ^ 1);
  file.seekp(at);
  file.put(byte);
}

std::string refusal(const fs::path& path) {
  try {
    Checkpoint checkpoint(path);
  } catch (const FileError& error) {
    return error.what();
  }
  return "(accepted)";
}

TEST_CASE("checkpoint: every tensor and the state come back bit for bit") {
  Fixture f;
  std::vector<NamedTensor> saved = f.tensors(0.3f);
  f.folder.save({saved, f.state(3)}, {});
  std::vector<std::string> complaints;
  Checkpoint checkpoint = f.folder.newest(complaints);
  CHECK(complaints.empty());
  CHECK(checkpoint.state() == f.state(3));
  for (const NamedTensor& tensor : saved) {
    CAPTURE(tensor.name);
    Tensor read = Tensor::zeros(f.context, tensor.value.shape(), tensor.value.dtype());
    checkpoint.restore(tensor.name, read);
    CHECK(read.to_host() == tensor.value.to_host());
  }
  Tensor wrong = Tensor::zeros(f.context, {4}, DType::f32);
  CHECK_THROWS_WITH_AS(
      checkpoint.restore("model.layers.0.weight", wrong),
      (f.folder.last().string() + ": 'model.layers.0.weight' has shape [2, 3, 3, 3], expected [4]").c_str(), FileError);
}

TEST_CASE("checkpoint: last, previous, best and every Nth are kept") {
  Fixture f;
  for (int epoch = 1; epoch <= 4; ++epoch) {
    f.folder.save({f.tensors(0), f.state(epoch)}, {.best = epoch == 2, .keep_epoch = epoch % 3 == 0 ? epoch : 0});
  }
  CHECK(f.epoch_of(f.folder.last()) == 4);
  CHECK(f.epoch_of(f.folder.previous()) == 3);
  CHECK(f.epoch_of(f.folder.best()) == 2);
  CHECK(f.epoch_of(f.folder.epoch(3)) == 3);
  CHECK(std::distance(fs::directory_iterator(f.run.path / "checkpoints"), {}) == 4);
}

TEST_CASE("checkpoint: a damaged last one is named, and the previous one used") {
  Fixture f;
  f.folder.save({f.tensors(0), f.state(1)}, {});
  f.folder.save({f.tensors(1), f.state(2)}, {});
  auto falls_back = [&](const std::string& reason) {
    std::vector<std::string> complaints;
    Checkpoint checkpoint = f.folder.newest(complaints);
    CHECK(checkpoint.state().at("epoch") == 1);
    REQUIRE(complaints.size() == 1);
    CHECK(complaints[0].find("last.safetensors: ") != std::string::npos);
    CAPTURE(complaints[0]);
    CHECK(complaints[0].find(reason) != std::string::npos);
  };
  SUBCASE("one bit of the tensors") {
    flip_bit(f.folder.last(), -5);
    falls_back("the checkpoint is damaged: its checksum is");
  }
  SUBCASE("cut short") {
    fs::resize_file(f.folder.last(), fs::file_size(f.folder.last()) - 20);
    falls_back("cut short");
  }
  SUBCASE("empty") {
    fs::resize_file(f.folder.last(), 0);
    falls_back("");
  }
  SUBCASE("missing") {
    fs::remove(f.folder.last());
    std::vector<std::string> complaints;
    CHECK(f.folder.newest(complaints).state().at("epoch") == 1);
  }
  SUBCASE("both") {
    fs::resize_file(f.folder.last(), 3);
    fs::resize_file(f.folder.previous(), 3);
    std::vector<std::string> complaints;
    CHECK_THROWS_WITH_AS(f.folder.newest(complaints), doctest::Contains("begin a new run"), FileError);
    CHECK(complaints.size() == 2);
  }
}

TEST_CASE("checkpoint: no bit of the file may change unseen") {
  Fixture f;
  f.folder.save({f.tensors(0), f.state(1)}, {});
  auto size = static_cast<int64_t>(fs::file_size(f.folder.last()));
  for (int64_t at = 0; at < size; ++at) {
    flip_bit(f.folder.last(), at);
    bool seen = true;
    try {
      Checkpoint checkpoint(f.folder.last());
      // Two spaces of padding or the order of two tensors of one size may change without changing a value.
      std::vector<NamedTensor> expected = f.tensors(0);
      for (NamedTensor& tensor : expected) {
        Tensor read = Tensor::zeros(f.context, tensor.value.shape(), tensor.value.dtype());
        checkpoint.restore(tensor.name, read);
        seen = seen && read.to_host() == tensor.value.to_host() && checkpoint.state() == f.state(1);
      }
    } catch (const FileError&) {
    }
    CAPTURE(at);
    CHECK(seen);
    flip_bit(f.folder.last(), at);
  }
  CHECK(refusal(f.folder.last()) == "(accepted)");
}

TEST_CASE("checkpoint: plain weights are not taken for a checkpoint") {
  Fixture f;
  fs::path path = f.run.path / "weights.safetensors";
  std::vector<float> values{1, 2};
  write_safetensors(path, {stored_tensor("weight", {2}, values)});
  CHECK(refusal(path) ==
        path.string() + ": holds weights but no state of a training run; expected a checkpoint of 'cuunet train'");
}

TEST_CASE("checkpoint: a full disk leaves the ones before it whole") {
  Fixture f;
  f.folder.save({f.tensors(0), f.state(1)}, {});
  f.folder.save({f.tensors(0), f.state(2)}, {});
  // A limit on file sizes stands for the full disk.
  rlimit limit;
  getrlimit(RLIMIT_FSIZE, &limit);
  auto before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small{512, limit.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  CHECK_THROWS_WITH_AS(f.folder.save({f.tensors(0), f.state(3)}, {.best = true}),
                       doctest::Contains("cannot write it: File too large; nothing was changed in folder"), FileError);
  setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, before);
  CHECK(f.epoch_of(f.folder.last()) == 2);
  CHECK(f.epoch_of(f.folder.previous()) == 1);
  CHECK(!fs::exists(f.folder.best()));
  CHECK(std::distance(fs::directory_iterator(f.run.path / "checkpoints"), {}) == 2);
}

}  // namespace
}  // namespace cuunet
