#include "weights/format/safetensors.h"

#include "kernels/device/error.h"
#include "weights/format/printable.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <set>

namespace cuunet {

namespace {

using Json = nlohmann::json;
using Path = std::filesystem::path;

constexpr uint64_t largest_header = 100'000'000;  // the limit of the safetensors package

template <class... Args>
[[noreturn]] void refuse(const Path& path, fmt::format_string<Args...> reason, Args&&... args) {
  throw FileError("{}: not a valid safetensors file: {}", path.string(),
                  fmt::format(reason, std::forward<Args>(args)...));
}

std::span<const std::byte> header_of(const Path& path, std::span<const std::byte> file) {
  if (file.size() < 8) refuse(path, "{} bytes, too short for the header's length", file.size());
  uint64_t length;
  std::memcpy(&length, file.data(), 8);
  if (length > file.size() - 8) {
    refuse(path, "the header's length is {}, but only {} bytes follow; the file is cut short or of another format",
           length, file.size() - 8);
  }
  if (length > largest_header) refuse(path, "the header has {} bytes, more than {}", length, largest_header);
  return file.subspan(8, length);
}

// Refuses while parsing what a finished object no longer shows: a key twice, and needless depth.
class HeaderGuard {
 public:
  explicit HeaderGuard(const Path& path) : path_(path) {}

  bool operator()(int depth, Json::parse_event_t event, Json& value) {
    using Event = Json::parse_event_t;
    if (depth > 3) refuse(path_, "the header is nested too deeply");
    auto& seen = seen_[static_cast<size_t>(depth)];
    if (event == Event::object_start && depth < 3) seen_[static_cast<size_t>(depth) + 1].clear();
    if (event == Event::key && !seen.insert(value.get<std::string>()).second) {
      refuse(path_, "{} stands in the header twice", value.dump());
    }
    return true;
  }

 private:
  const Path& path_;
  std::set<std::string> seen_[4];
};

Json parse_header(const Path& path, std::span<const std::byte> header) {
  auto* text = reinterpret_cast<const char*>(header.data());
  if (header.empty() || text[0] != '{') refuse(path, "the header does not begin with '{{'");
  try {
    return Json::parse(text, text + header.size(), HeaderGuard(path));
  } catch (const Json::parse_error& error) {
    refuse(path, "the header is not JSON (byte {} of it)", error.byte);
  } catch (const Json::out_of_range&) {
    refuse(path, "the header holds a number beyond 1.8e308");
  }
}

StoredType type_named(const Path& path, const std::string& tensor, const Json& value) {
  std::string known;
  for (int i = 0; i <= static_cast<int>(StoredType::boolean); ++i) {
    auto type = static_cast<StoredType>(i);
    if (value == name_of(type)) return type;
    known += fmt::format("{}{}", i > 0 ? " " : "", name_of(type));
  }
  refuse(path, "{} has element type {}; expected one of {}", in_quotes(tensor), value.dump(), known);
}

uint64_t whole_number(const Path& path, const std::string& tensor, const char* field, const Json& value) {
  if (value.is_number_unsigned() && value.get<uint64_t>() <= INT64_MAX) return value.get<uint64_t>();
  refuse(path, "{}: {} holds {}; expected a whole number", in_quotes(tensor), field, value.dump());
}

const Json& list_field(const Path& path, const std::string& tensor, const Json& entry, const char* field) {
  auto found = entry.find(field);
  if (found == entry.end() || !found->is_array()) refuse(path, "{} has no list '{}'", in_quotes(tensor), field);
  return *found;
}

StoredTensor parse_entry(const Path& path, const std::string& name, const Json& entry,
                         std::span<const std::byte> data) {
  if (!entry.is_object()) refuse(path, "{} is not an object", in_quotes(name));
  StoredTensor tensor;
  tensor.name = name;
  auto dtype = entry.find("dtype");
  if (dtype == entry.end()) refuse(path, "{} has no 'dtype'", in_quotes(name));
  tensor.type = type_named(path, name, *dtype);

  uint64_t bytes = size_of(tensor.type);
  for (const Json& extent : list_field(path, name, entry, "shape")) {
    uint64_t n = whole_number(path, name, "shape", extent);
    if (__builtin_mul_overflow(bytes, n, &bytes)) refuse(path, "{}: the shape's product overflows", in_quotes(name));
    tensor.shape.push_back(static_cast<int64_t>(n));
  }
  const Json& offsets = list_field(path, name, entry, "data_offsets");
  if (offsets.size() != 2) refuse(path, "{}: data_offsets has {} numbers; expected 2", in_quotes(name), offsets.size());
  uint64_t begin = whole_number(path, name, "data_offsets", offsets[0]);
  uint64_t end = whole_number(path, name, "data_offsets", offsets[1]);
  if (begin > end || end > data.size()) {
    refuse(path, "{}: data_offsets [{}, {}] are not inside the {} bytes of data; the file is cut short or damaged",
           in_quotes(name), begin, end, data.size());
  }
  if (end - begin != bytes) {
    refuse(path, "{}: the shape needs {} bytes of {}, data_offsets span {}", in_quotes(name), bytes,
           name_of(tensor.type), end - begin);
  }
  tensor.bytes = data.subspan(begin, bytes);
  return tensor;
}

void require_tiling(const Path& path, std::vector<StoredTensor>& tensors, std::span<const std::byte> data) {
  std::stable_sort(tensors.begin(), tensors.end(), [](const StoredTensor& a, const StoredTensor& b) {
    return a.bytes.data() != b.bytes.data() ? a.bytes.data() < b.bytes.data() : a.bytes.size() < b.bytes.size();
  });
  const std::byte* end = data.data();
  for (const StoredTensor& tensor : tensors) {
    if (tensor.bytes.data() < end) refuse(path, "{} overlaps the tensor before it", in_quotes(tensor.name));
    if (tensor.bytes.data() > end) {
      refuse(path, "{} bytes before {} belong to no tensor", tensor.bytes.data() - end, in_quotes(tensor.name));
    }
    end += tensor.bytes.size();
  }
  auto left = data.data() + data.size() - end;
  if (left > 0) refuse(path, "{} bytes after the last tensor belong to none", left);
}

nlohmann::ordered_json header_for(const std::vector<StoredTensor>& tensors,
                                  const std::map<std::string, std::string>& metadata) {
  auto header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t offset = 0;
  std::set<std::string> names{"__metadata__"};
  for (const StoredTensor& tensor : tensors) {
    if (!names.insert(tensor.name).second) throw Error("safetensors: two tensors would be named '{}'", tensor.name);
    uint64_t bytes = size_of(tensor.type) * static_cast<uint64_t>(tensor.elements());
    if (tensor.strides.empty() && bytes != tensor.bytes.size()) {
      throw Error("safetensors: '{}': the shape needs {} bytes, {} were given", tensor.name, bytes,
                  tensor.bytes.size());
    }
    header[tensor.name] = {
        {"dtype", name_of(tensor.type)}, {"shape", tensor.shape}, {"data_offsets", {offset, offset + bytes}}};
    offset += bytes;
  }
  return header;
}

}  // namespace

SafetensorsFile::SafetensorsFile(Path path, MappedFile file) : path_(std::move(path)), file_(std::move(file)) {
  std::span<const std::byte> header = header_of(path_, file_.bytes());
  std::span<const std::byte> data = file_.bytes().subspan(8 + header.size());
  Json entries = parse_header(path_, header);
  for (const auto& [name, entry] : entries.items()) {
    if (name != "__metadata__") {
      tensors_.push_back(parse_entry(path_, name, entry, data));
      continue;
    }
    if (!entry.is_object()) refuse(path_, "__metadata__ is not an object");
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) refuse(path_, "__metadata__: {} is not a string", in_quotes(key));
      metadata_[key] = value.get<std::string>();
    }
  }
  require_tiling(path_, tensors_, data);
}

const StoredTensor* SafetensorsFile::find(std::string_view name) const {
  for (const StoredTensor& tensor : tensors_) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

const StoredTensor& SafetensorsFile::at(std::string_view name) const {
  if (const StoredTensor* found = find(name)) return *found;
  throw FileError("{}: holds no tensor '{}' among its {}", path_.string(), name, tensors_.size());
}

void write_safetensors(const Path& path, std::vector<StoredTensor> tensors,
                       const std::map<std::string, std::string>& metadata, Existing existing) {
  std::stable_sort(tensors.begin(), tensors.end(),
                   [](const StoredTensor& a, const StoredTensor& b) { return size_of(a.type) > size_of(b.type); });
  std::string header = header_for(tensors, metadata).dump();
  header.resize((header.size() + 7) / 8 * 8, ' ');
  uint64_t length = header.size();
  AtomicFile file(path, existing);
  file.write(&length, 8);
  file.write(header.data(), header.size());
  for (const StoredTensor& tensor : tensors) {
    std::vector<std::byte> room;
    std::span<const std::byte> bytes = row_major(tensor, room);
    file.write(bytes.data(), bytes.size());
  }
  file.commit();
}

}  // namespace cuunet
