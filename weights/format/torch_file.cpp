#include "weights/format/torch_file.h"

#include "kernels/device/error.h"
#include "weights/format/pickle_globals.h"
#include "weights/format/pickle_reader.h"
#include "weights/format/printable.h"
#include "weights/format/torch_storage.h"

#include <algorithm>

namespace cuunet {
namespace {

// 0x1950a86a20f9469cfc6c, least significant byte first.
constexpr std::string_view legacy_magic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
constexpr int64_t legacy_protocol = 1001;
constexpr size_t deepest = 200;            // levels of lists and dictionaries
constexpr size_t most_places = 1'000'000;  // values by their paths; one that is used twice counts twice
constexpr size_t most_name_bytes = 1 << 28;
constexpr uint64_t small_expansion = 1 << 24;  // bytes that a tensor of stride 0 may have beyond the file's size

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class... Args>
[[noreturn]] void refuse(const std::filesystem::path& path, fmt::format_string<Args...> reason, Args&&... args) {
  throw FileError("{}: {}", path.string(), fmt::format(reason, std::forward<Args>(args)...));
}

// The folder that holds data.pkl and everything else.
std::string folder_of(const ZipArchive& archive, const std::filesystem::path& path) {
  std::string folder;
  for (const ZipRecord& record : archive.records()) {
    if (!record.name.ends_with("/data.pkl")) continue;
    if (!folder.empty()) refuse(path, "two folders of the archive hold a data.pkl; which is meant is not clear");
    folder = record.name.substr(0, record.name.size() - 9);
  }
  if (folder.empty()) refuse(path, "the archive holds no data.pkl, so it is not a file of torch.save");
  for (const ZipRecord& record : archive.records()) {
    if (!record.name.starts_with(folder + "/")) {
      refuse(path, "record {} lies outside the folder {}", in_quotes(record.name), in_quotes(folder));
    }
    if (record.name == folder + "/constants.pkl" || record.name.starts_with(folder + "/code/")) {
      refuse(path, "it is a TorchScript archive, which holds a program; save the model's state_dict() instead");
    }
  }
  return folder;
}

}  // namespace

TorchFile::TorchFile(std::filesystem::path path, MappedFile file) : path_(std::move(path)), file_(std::move(file)) {
  legacy_ = !text_of(file_.bytes()).starts_with("PK");
  if (legacy_)
    read_legacy();
  else
    read_zip();
  list_tensors();
  file_.release(file_.bytes());
}

void TorchFile::read_zip() {
  file_.read_ahead();  // the CRCs are of every byte
  ZipArchive archive(path_, file_.bytes());
  std::string folder = folder_of(archive, path_), where = path_.string();
  if (const ZipRecord* order = archive.find(folder + "/byteorder")) {
    if (text_of(order->bytes) != "little") {
      refuse(path_, "its byte order is {}; only little-endian files are read", in_quotes(text_of(order->bytes)));
    }
  }
  const ZipRecord& record = *archive.find(folder + "/data.pkl");
  archive.require_intact(record);
  object_ = read_pickle(record.bytes, where);
  if (object_.length != record.bytes.size()) {
    refuse(path_, "{} bytes follow the pickle in data.pkl", record.bytes.size() - object_.length);
  }
  views_ = tensor_views(object_, zip_storages(archive, folder, object_, where), file_.bytes().size() + small_expansion,
                        where);
}

void TorchFile::read_legacy() {
  std::span<const std::byte> left = file_.bytes();
  std::string where = path_.string();
  auto next = [&] {
    Pickle pickle = read_pickle(left, where);
    left = left.subspan(pickle.length);
    return pickle;
  };
  auto root = [](const Pickle& pickle) { return pickle.at(pickle.root); };
  Pickle magic = next();
  if (root(magic).kind != PickleKind::big_integer || root(magic).text != legacy_magic) {
    refuse(path_, "it is a pickle, but not a file of torch.save (its magic number is missing)");
  }
  Pickle protocol = next();
  if (root(protocol).kind != PickleKind::integer || root(protocol).integer != legacy_protocol) {
    refuse(path_, "it has another version of the legacy format than {}", legacy_protocol);
  }
  Pickle system = next();
  const PickleValue* little = system.find(root(system), "little_endian");
  if (little == nullptr || little->kind != PickleKind::boolean || little->integer == 0) {
    refuse(path_, "its third pickle does not say that it is little-endian; no other file is read");
  }
  object_ = next();
  Pickle listed = next();
  if (root(listed).kind != PickleKind::list) refuse(path_, "its fifth pickle is not a list of storages");
  std::vector<std::string_view> keys;
  for (PickleIndex item : root(listed).items) {
    if (listed.at(item).kind != PickleKind::text) refuse(path_, "its list of storages holds what is no text");
    keys.push_back(listed.at(item).text);
  }
  views_ =
      tensor_views(object_, stream_storages(left, keys, object_, where), file_.bytes().size() + small_expansion, where);
}

// Depth first, in the object's order, with a stack of our own.
void TorchFile::list_tensors() {
  struct Level {
    PickleIndex container;
    size_t next = 0;
    size_t name_length = 0;
  };
  std::string name;
  std::vector<Level> levels;
  size_t places = 0, name_bytes = 0;
  auto visit = [&](PickleIndex index) {
    const PickleValue& value = object_.at(index);
    name_bytes += value.items.empty() ? name.size() : 0;
    if (name_bytes > most_name_bytes) refuse(path_, "the names of its values have more than {} bytes", most_name_bytes);
    if (++places > most_places) refuse(path_, "it holds more than {} values, counted by their paths", most_places);
    if (value.kind == PickleKind::tensor) {
      auto which = static_cast<size_t>(value.integer);
      tensors_.push_back({views_[which], object_.tensors[which].offset});
      tensors_.back().stored.name = name;
    } else if (value.kind == PickleKind::skipped) {
      skipped_.push_back(fmt::format("{}: {}", name, value.text));
    } else if (value.kind == PickleKind::storage) {
      skipped_.push_back(fmt::format("{}: a storage without a tensor", name));
    } else if (!value.items.empty()) {
      if (levels.size() == deepest) {
        refuse(path_, "its lists and dictionaries are nested more than {} deep, or hold themselves", deepest);
      }
      levels.push_back({index, 0, name.size()});
    } else {
      leaves_.push_back({name, index});
    }
  };
  visit(object_.root);
  while (!levels.empty()) {
    Level& level = levels.back();
    const PickleValue& container = object_.at(level.container);
    name.resize(level.name_length);
    if (level.next == container.items.size()) {
      levels.pop_back();
      continue;
    }
    bool keyed = container.kind == PickleKind::dict;
    std::string key = keyed ? key_text(object_, object_.at(container.items[level.next])) : std::to_string(level.next);
    if (!name.empty()) name += '.';
    name += key;
    PickleIndex child = container.items[level.next + (keyed ? 1 : 0)];
    level.next += keyed ? 2 : 1;
    visit(child);
  }
}

}  // namespace cuunet
