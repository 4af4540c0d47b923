#include "weights/format/torch_storage.h"

#include "kernels/device/error.h"
#include "weights/format/little_endian.h"
#include "weights/format/printable.h"

namespace cuunet {
namespace {

template <class... Args>
[[noreturn]] void refuse(const std::string& where, fmt::format_string<Args...> reason, Args&&... args) {
  throw FileError("{}: {}", where, fmt::format(reason, std::forward<Args>(args)...));
}

uint64_t bytes_of(const PickledStorage& storage, int64_t elements, const std::string& where) {
  uint64_t bytes = 0;
  if (__builtin_mul_overflow(static_cast<uint64_t>(elements), size_of(storage.type), &bytes)) {
    refuse(where, "storage {} of {} elements is too large", in_quotes(storage.key), elements);
  }
  return bytes;
}

// Every key with its storage; two declarations of one key have to agree.
std::map<std::string_view, const PickledStorage*> declared(const Pickle& pickle, const std::string& where) {
  std::map<std::string_view, const PickledStorage*> all;
  for (const PickledStorage& storage : pickle.storages) {
    auto [other, inserted] = all.emplace(storage.key, &storage);
    if (!inserted && (other->second->type != storage.type || other->second->elements != storage.elements)) {
      refuse(where, "storage {} is declared as {} {} and as {} {}", in_quotes(storage.key), other->second->elements,
             name_of(other->second->type), storage.elements, name_of(storage.type));
    }
  }
  return all;
}

StorageBytes in_order(const Pickle& pickle, const std::map<std::string_view, std::span<const std::byte>>& found,
                      const std::string& where) {
  StorageBytes storages;
  for (const PickledStorage& storage : pickle.storages) {
    std::span<const std::byte> bytes = found.at(storage.key);
    if (storage.view) {
      if (storage.view_offset > storage.elements || storage.view_elements > storage.elements - storage.view_offset) {
        refuse(where, "a view of {} elements at {} reaches beyond storage {} of {}", storage.view_elements,
               storage.view_offset, in_quotes(storage.key), storage.elements);
      }
      auto size = size_of(storage.type);
      bytes = bytes.subspan(static_cast<size_t>(storage.view_offset) * size,
                            static_cast<size_t>(storage.view_elements) * size);
    }
    storages.push_back(bytes);
  }
  return storages;
}

std::string shape_text(const std::vector<int64_t>& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

// One past the furthest element that a tensor reaches, in elements of its storage; 0: it reaches none.
uint64_t reach(const PickledTensor& tensor, uint64_t elements, const std::string& where) {
  uint64_t last = static_cast<uint64_t>(tensor.offset);
  for (size_t i = 0; elements > 0 && i < tensor.shape.size(); ++i) {
    uint64_t step = 0;
    bool overflow = __builtin_mul_overflow(static_cast<uint64_t>(tensor.shape[i] - 1),
                                           static_cast<uint64_t>(tensor.strides[i]), &step);
    if (overflow || __builtin_add_overflow(last, step, &last)) {
      refuse(where, "a tensor {} with strides {} reaches too far", shape_text(tensor.shape),
             shape_text(tensor.strides));
    }
  }
  return elements > 0 ? last + 1 : last;
}

bool row_major(const PickledTensor& tensor, uint64_t elements) {
  int64_t expected = 1;
  for (size_t i = tensor.shape.size(); elements > 0 && i-- > 0;) {
    if (tensor.shape[i] != 1 && tensor.strides[i] != expected) return false;
    expected *= tensor.shape[i];
  }
  return true;
}

StoredTensor view_of(const PickledTensor& tensor, const PickledStorage& storage, std::span<const std::byte> bytes,
                     uint64_t most_bytes, const std::string& where) {
  uint64_t elements = 1, size = size_of(storage.type);
  for (int64_t extent : tensor.shape) {
    // A product that overflows is too large even where a later extent is 0.
    if (__builtin_mul_overflow(elements, static_cast<uint64_t>(extent), &elements) || elements > INT64_MAX / 8) {
      refuse(where, "a tensor {} is too large", shape_text(tensor.shape));
    }
  }
  if (elements * size > most_bytes) {
    refuse(where, "a tensor {} repeats its {} bytes of storage to {}; save a .contiguous() one if it is meant",
           shape_text(tensor.shape), bytes.size(), elements * size);
  }
  uint64_t end = reach(tensor, elements, where), held = bytes.size() / size;
  if (end > held) {
    refuse(where, "a tensor {} with strides {} at offset {} reaches beyond the {} elements of storage {}",
           shape_text(tensor.shape), shape_text(tensor.strides), tensor.offset, held, in_quotes(storage.key));
  }
  StoredTensor view{.type = storage.type, .shape = tensor.shape};
  if (elements == 0) return view;
  auto offset = static_cast<uint64_t>(tensor.offset);
  view.bytes = bytes.subspan(offset * size, (end - offset) * size);
  if (!row_major(tensor, elements)) view.strides = tensor.strides;
  return view;
}

}  // namespace

StorageBytes zip_storages(const ZipArchive& archive, const std::string& folder, const Pickle& pickle,
                          const std::string& where) {
  std::map<std::string_view, std::span<const std::byte>> found;
  for (const auto& [key, storage] : declared(pickle, where)) {
    std::string name = fmt::format("{}/data/{}", folder, key);
    const ZipRecord* record = archive.find(name);
    if (record == nullptr) refuse(where, "it uses a storage whose record {} is missing", in_quotes(name));
    uint64_t expected = bytes_of(*storage, storage->elements, where);
    if (record->bytes.size() != expected) {
      refuse(where, "record {} has {} bytes; {} elements of {} need {}", in_quotes(name), record->bytes.size(),
             storage->elements, name_of(storage->type), expected);
    }
    archive.require_intact(*record);
    found[key] = record->bytes;
  }
  return in_order(pickle, found, where);
}

StorageBytes stream_storages(std::span<const std::byte> stream, const std::vector<std::string_view>& keys,
                             const Pickle& pickle, const std::string& where) {
  auto all = declared(pickle, where);
  std::map<std::string_view, std::span<const std::byte>> found;
  for (std::string_view key : keys) {
    auto storage = all.find(key);
    if (storage == all.end()) refuse(where, "it lists storage {}, which no tensor uses", in_quotes(key));
    if (stream.size() < 8) refuse(where, "storage {} is missing; the file is cut short", in_quotes(key));
    auto count = little_endian<int64_t>(stream);
    if (count != storage->second->elements) {
      refuse(where, "storage {} has {} elements, its tensors say {}", in_quotes(key), count, storage->second->elements);
    }
    uint64_t bytes = bytes_of(*storage->second, count, where);
    stream = stream.subspan(8);
    if (bytes > stream.size()) {
      refuse(where, "storage {} needs {} bytes, {} are left; the file is cut short", in_quotes(key), bytes,
             stream.size());
    }
    if (!found.emplace(key, stream.first(bytes)).second) refuse(where, "it lists storage {} twice", in_quotes(key));
    stream = stream.subspan(bytes);
  }
  for (const auto& [key, storage] : all) {
    if (!found.contains(key)) refuse(where, "the data of storage {} is not in the file", in_quotes(key));
  }
  if (!stream.empty()) refuse(where, "{} bytes follow the last storage", stream.size());
  return in_order(pickle, found, where);
}

std::vector<StoredTensor> tensor_views(const Pickle& pickle, const StorageBytes& storages, uint64_t most_bytes,
                                       const std::string& where) {
  std::vector<StoredTensor> views;
  for (const PickledTensor& tensor : pickle.tensors) {
    views.push_back(view_of(tensor, pickle.storages[tensor.storage], storages[tensor.storage], most_bytes, where));
  }
  return views;
}

}  // namespace cuunet
