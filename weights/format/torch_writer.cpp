#include "weights/format/torch_writer.h"

#include "kernels/device/error.h"
#include "weights/format/pickle_writer.h"
#include "weights/format/zip_writer.h"

#include <map>
#include <set>
#include <tuple>

namespace cuunet {
namespace {

// A state dict whose values are the tensors 0, 1, 2, …
Pickle state_dict(std::span<const StoredTensor> tensors) {
  Pickle pickle;
  pickle.values.push_back({.kind = PickleKind::dict});
  std::set<std::string_view> names;
  for (const StoredTensor& tensor : tensors) {
    if (!names.insert(tensor.name).second) throw Error("two tensors would be named '{}'", tensor.name);
    auto next = static_cast<PickleIndex>(pickle.values.size());
    pickle.values[0].items.insert(pickle.values[0].items.end(), {next, next + 1});
    pickle.values.push_back({.kind = PickleKind::text, .text = tensor.name});
    pickle.values.push_back({.kind = PickleKind::tensor, .integer = static_cast<int64_t>(names.size() - 1)});
  }
  return pickle;
}

}  // namespace

void write_torch(const std::filesystem::path& path, const Pickle& object, std::span<const StoredTensor> tensors,
                 Existing existing) {
  // One record for each range of elements that is looked at in one way.
  using Look = std::tuple<const std::byte*, size_t, StoredType, std::vector<int64_t>, std::vector<int64_t>>;
  std::map<Look, std::string> keys;
  std::vector<const StoredTensor*> records;
  std::vector<SavedStorage> storages;
  for (const StoredTensor& tensor : tensors) {
    auto shape = tensor.strides.empty() ? std::vector<int64_t>{} : tensor.shape;
    Look look{tensor.bytes.data(), tensor.bytes.size(), tensor.type, shape, tensor.strides};
    auto [known, inserted] = keys.emplace(look, std::to_string(records.size()));
    if (inserted) records.push_back(&tensor);
    storages.push_back({known->second, tensor.type, tensor.shape});
  }
  AtomicFile file(path, existing);
  ZipWriter zip(file);
  zip.add("archive/data.pkl", write_pickle(object, storages));
  zip.add("archive/byteorder", "little");
  for (size_t i = 0; i < records.size(); ++i) {
    std::vector<std::byte> room;
    zip.add(fmt::format("archive/data/{}", i), row_major(*records[i], room));
  }
  zip.add("archive/version", "3\n");
  zip.finish();
  file.commit();
}

void write_torch(const std::filesystem::path& path, std::span<const StoredTensor> tensors, Existing existing) {
  write_torch(path, state_dict(tensors), tensors, existing);
}

}  // namespace cuunet
