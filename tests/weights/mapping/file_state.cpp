#include "weights/mapping/file_state.h"

#include "engine/device/host_context.h"
#include "tests/weights/format/temporary_folder.h"
#include "weights/format/owned_tensors.h"
#include "weights/format/torch_writer.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

namespace fs = std::filesystem;

// load() goes other ways than values(): straight from the file, in parts, through floats.
void check_every_tensor(const fs::path& path) {
  HostContext context({.threads = 2});
  WeightsFile file(path);
  FileState state(file);
  for (const std::string& name : state.names()) {
    CAPTURE(path.string());
    CAPTURE(name);
    if (file.find(name)->shape.size() > Shape::max_rank) continue;
    Tensor expected = Tensor::zeros(context, state.shape(name), DType::f64), got = expected.clone();
    expected.assign(state.values(name));
    state.load(name, got);
    std::vector<double> a = expected.to_host(), b = got.to_host();
    REQUIRE(a.size() == b.size());
    for (size_t i = 0; i < a.size(); ++i) REQUIRE((a[i] == b[i] || (a[i] != a[i] && b[i] != b[i])));
  }
}

TEST_CASE("file_state: every type, view and format of the conformance files loads as its values are") {
  fs::path kit = fs::path(CUUNET_SOURCE_DIR) / "tests/conformance/checkpoints";
  for (const char* name : {"dtypes_zip.pt", "dtypes_legacy.pt", "dtypes.safetensors", "views_zip.pt", "views_legacy.pt",
                           "state_dict_zip.pt", "state_dict_legacy.pt", "unordered.safetensors"}) {
    check_every_tensor(kit / name);
  }
}

TEST_CASE("file_state: a tensor that is loaded in parts, in single and half precision") {
  TemporaryFolder folder("file_state");
  std::vector<float> values(700 * 801 * 9);  // 20 MB
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 2039);
  StoredTensor large = stored_tensor("large", {700, 801, 3, 3}, values);
  OwnedTensors owned;
  StoredTensor half = owned.cast(large, StoredType::f16);
  half.name = "half";
  write_torch(folder.path / "a.pth", std::vector<StoredTensor>{large, half});
  check_every_tensor(folder.path / "a.pth");
}

}  // namespace
}  // namespace cuunet
