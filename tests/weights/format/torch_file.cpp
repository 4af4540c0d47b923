#include "weights/format/torch_file.h"

#include "kernels/device/error.h"
#include "kernels/device/philox.h"
#include "tests/weights/format/damage.h"
#include "tests/weights/format/temporary_folder.h"
#include "weights/format/torch_writer.h"
#include "weights/format/weights_file.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

const fs::path kit = fs::path(CUUNET_SOURCE_DIR) / "tests/conformance/checkpoints";

std::vector<fs::path> good_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kit)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream stream(entry.path());
    auto json = nlohmann::json::parse(stream);
    if (json.at("expect") == "load" && json.at("format") != "safetensors") {
      files.push_back(kit / json.at("file").get<std::string>());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string bytes_of(const StoredTensor& tensor) {
  std::vector<std::byte> room;
  std::span<const std::byte> bytes = row_major(tensor, room);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Everything that is not a tensor, as text.
std::string leaves(const Pickle& pickle) {
  std::string text;
  std::vector<PickleIndex> left{pickle.root};
  while (!left.empty()) {
    const PickleValue& value = pickle.at(left.back());
    left.pop_back();
    if (value.kind == PickleKind::skipped) continue;
    text += value.kind == PickleKind::tensor ? "tensor " : key_text(pickle, value) + " ";
    for (size_t i = value.items.size(); i-- > 0;) {
      bool dropped =
          value.kind == PickleKind::dict && i % 2 == 0 && pickle.at(value.items[i + 1]).kind == PickleKind::skipped;
      if (!dropped) left.push_back(value.items[i]);
    }
  }
  return text;
}

TEST_CASE("torch file: what is read and written again is the same object, bit for bit") {
  TemporaryFolder folder("torch_file");
  std::vector<fs::path> files = good_files();
  REQUIRE(files.size() > 20);
  for (const fs::path& path : files) {
    INFO(path.string());
    TorchFile file(path);
    fs::path copy = folder.path / "copy.pt";
    write_torch(copy, file.object(), file.views());
    TorchFile again(copy);
    CHECK_FALSE(again.legacy());
    REQUIRE(again.tensors().size() == file.tensors().size());
    for (size_t i = 0; i < file.tensors().size(); ++i) {
      const StoredTensor &a = file.tensors()[i].stored, &b = again.tensors()[i].stored;
      CHECK(b.name == a.name);
      CHECK(b.type == a.type);
      CHECK(b.shape == a.shape);
      CHECK(b.strides.empty());
      CHECK(bytes_of(b) == bytes_of(a));
      CHECK(reinterpret_cast<uintptr_t>(b.bytes.data()) % size_of(b.type) == 0);
    }
    CHECK(leaves(again.object()) == leaves(file.object()));
  }
}

TEST_CASE("torch file: a state dict is written from tensors, equal elements once") {
  TemporaryFolder folder("torch_file");
  fs::path path = folder.path / "state.pth";
  std::vector<float> x(1000, 1.5f);
  write_torch(path, std::vector{stored_tensor("a.weight", {10, 100}, x), stored_tensor("tied", {1000}, x)});
  WeightsFile file(path);
  CHECK(file.format() == WeightsFormat::torch_zip);
  CHECK(to_floats(*file.find("a.weight")) == x);
  CHECK(file.find("tied")->shape == std::vector<int64_t>{1000});
  CHECK(fs::file_size(path) < 6000);
  CHECK_THROWS_WITH_AS(write_torch(path, std::vector{stored_tensor("a", {1000}, x), stored_tensor("a", {1000}, x)}),
                       "two tensors would be named 'a'", Error);
}

TEST_CASE("torch file: cut and bit-flipped files are read or refused, never worse") {
  TemporaryFolder folder("torch_file");
  fs::path broken = folder.path / "broken";
  RandomStream random(12, Purpose::split);
  int refused = 0, rounds = 0;
  auto attempt = [&](const std::string& bytes) {
    write_bytes(broken, bytes);
    ++rounds;
    try {
      WeightsFile file(broken);
      for (const StoredTensor& tensor : file.tensors()) to_doubles(tensor);
    } catch (const FileError&) {
      ++refused;
    }
  };
  for (const char* name : {"views_zip.pt", "views_legacy.pt", "misc_python.pt", "state_dict_protocol4.pt"}) {
    const std::string good = read_bytes(kit / name);
    for (size_t length = 0; length < good.size(); length += 7) attempt(good.substr(0, length));
    CHECK(refused == rounds);  // no prefix of the file is a file
    refused = rounds = 0;
    for (int round = 0; round < 1000; ++round) {
      std::string bytes = good;
      flip_bits(bytes, random);
      attempt(bytes);
    }
    refused = rounds = 0;
  }
}

}  // namespace
}  // namespace cuunet
