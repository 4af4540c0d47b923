#include "weights/format/pickle_writer.h"

#include "kernels/device/error.h"
#include "weights/format/pickle_globals.h"

#include <bit>

namespace cuunet {
namespace {

const char* storage_class(StoredType type) {
  constexpr const char* names[] = {"Double", "Float", "Half", "BFloat16", "Long",
                                   "Int",    "Short", "Char", "Byte",     "Bool"};
  return names[static_cast<size_t>(type)];
}

class PickleWriter {
 public:
  PickleWriter(const Pickle& pickle, const std::vector<SavedStorage>& storages)
      : pickle_(pickle), storages_(storages) {}

  std::string write() {
    bytes_ = "\x80\x02";
    begin(pickle_.at(pickle_.root));
    while (!levels_.empty()) next();
    return std::move(bytes_) + '.';
  }

 private:
  // A container whose items are being written.
  struct Level {
    const PickleValue* container;
    size_t next;
  };

  template <class T>
  void number(T value) {
    for (size_t i = 0; i < sizeof(T); ++i) bytes_ += static_cast<char>(static_cast<uint64_t>(value) >> (8 * i));
  }
  void integer(int64_t value);
  void real(double value);
  void text(std::string_view value);
  void tuple(const std::vector<int64_t>& values);
  void tensor(const SavedStorage& storage);
  void begin(const PickleValue& value);
  void open(const PickleValue& container, std::string_view opcodes);
  void next();
  bool left_out(const PickleValue& value) const {
    return value.kind == PickleKind::skipped || value.kind == PickleKind::storage;
  }

  const Pickle& pickle_;
  const std::vector<SavedStorage>& storages_;
  std::string bytes_;
  std::vector<Level> levels_;
};

void PickleWriter::integer(int64_t value) {
  if (value == static_cast<int32_t>(value)) {
    bytes_ += 'J';
    number(static_cast<int32_t>(value));
  } else {
    bytes_ += "\x8A\x08";
    number(value);
  }
}

void PickleWriter::real(double value) {
  bytes_ += 'G';
  number(__builtin_bswap64(std::bit_cast<uint64_t>(value)));  // most significant byte first
}

void PickleWriter::text(std::string_view value) {
  bytes_ += 'X';
  number(static_cast<uint32_t>(value.size()));
  bytes_ += value;
}

void PickleWriter::tuple(const std::vector<int64_t>& values) {
  bytes_ += '(';
  for (int64_t value : values) integer(value);
  bytes_ += 't';
}

void PickleWriter::tensor(const SavedStorage& storage) {
  std::vector<int64_t> strides(storage.shape.size(), 1);
  int64_t elements = 1;
  for (size_t i = strides.size(); i-- > 0;) {
    strides[i] = elements;
    elements *= storage.shape[i];
  }
  bytes_ += "ctorch._utils\n_rebuild_tensor_v2\n((";
  text("storage");
  bytes_ += fmt::format("ctorch\n{}Storage\n", storage_class(storage.type));
  text(storage.key);
  text("cpu");
  integer(elements);
  bytes_ += "tQ";
  integer(0);
  tuple(storage.shape);
  tuple(strides);
  bytes_ +=
      "\x89"
      "ccollections\nOrderedDict\n)RtR";
}

void PickleWriter::open(const PickleValue& container, std::string_view opcodes) {
  bytes_ += opcodes;
  levels_.push_back({&container, 0});
}

// A value, or the beginning of a container.
void PickleWriter::begin(const PickleValue& value) {
  switch (value.kind) {
    case PickleKind::boolean: bytes_ += value.integer != 0 ? "\x88" : "\x89"; return;
    case PickleKind::integer: return integer(value.integer);
    case PickleKind::big_integer:
      bytes_ += '\x8A';
      number(static_cast<uint8_t>(value.text.size()));
      bytes_ += value.text;
      return;
    case PickleKind::real: return real(value.real);
    case PickleKind::text: return text(value.text);
    case PickleKind::global: bytes_ += fmt::format("c{}\n{}\n", value.global->module, value.global->name); return;
    case PickleKind::tensor: return tensor(storages_.at(static_cast<size_t>(value.integer)));
    case PickleKind::list: return open(value, "](");
    case PickleKind::tuple: return open(value, "(");
    case PickleKind::set: return open(value, "c__builtin__\nset\n](");
    case PickleKind::dict: return open(value, "}(");
    case PickleKind::none:
    case PickleKind::skipped:
    case PickleKind::storage: bytes_ += 'N'; return;
  }
}

// The next item of the innermost container, or its end.
void PickleWriter::next() {
  Level& level = levels_.back();
  const PickleValue& container = *level.container;
  if (level.next == container.items.size()) {
    levels_.pop_back();
    switch (container.kind) {
      case PickleKind::dict: bytes_ += 'u'; return;
      case PickleKind::tuple: bytes_ += 't'; return;
      case PickleKind::set: bytes_ += "e\x85R"; return;
      default: bytes_ += 'e'; return;
    }
  }
  const PickleValue& item = pickle_.at(container.items[level.next++]);
  bool key = container.kind == PickleKind::dict && level.next % 2 == 1;
  if (key && left_out(pickle_.at(container.items[level.next]))) {
    ++level.next;
    return;
  }
  begin(item);
}

}  // namespace

std::string write_pickle(const Pickle& pickle, const std::vector<SavedStorage>& storages) {
  return PickleWriter(pickle, storages).write();
}

}  // namespace cuunet
