#include "weights/format/pickle_reader.h"

#include "kernels/device/error.h"
#include "weights/format/little_endian.h"
#include "weights/format/pickle_builder.h"
#include "weights/format/printable.h"

#include <bit>
#include <unordered_map>

namespace cuunet {
namespace {

class PickleReader {
 public:
  PickleReader(std::span<const std::byte> bytes, const std::string& where)
      : bytes_(bytes), where_(where), builder_(pickle_, where) {}

  Pickle read();

 private:
  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> reason, Args&&... args) const {
    throw FileError("{}: byte {} of the pickle: {}", where_, at_, fmt::format(reason, std::forward<Args>(args)...));
  }

  std::string_view take(uint64_t length) {
    if (length > bytes_.size() - at_) refuse("{} bytes are announced, {} are left", length, bytes_.size() - at_);
    std::string_view text(reinterpret_cast<const char*>(bytes_.data()) + at_, length);
    at_ += length;
    return text;
  }
  template <class T>
  T number() {
    std::string_view bytes = take(sizeof(T));
    return little_endian<T>(std::as_bytes(std::span(bytes)));
  }
  std::string_view line();

  void push(PickleIndex index) { stack_.push_back(index); }
  void push(PickleValue value) { push(builder_.add(std::move(value))); }
  void push_text(std::string_view text);
  void push_integer(int64_t value) { push({.kind = PickleKind::integer, .integer = value}); }
  void push_long(std::string_view bytes);
  void push_container(PickleKind kind) { push({.kind = kind}); }
  void push_tuple(size_t count);
  void push_global(std::string_view module, std::string_view name);
  void push_memo(uint32_t index);

  size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  void require(size_t count) const {
    if (stack_.size() - floor() < count) refuse("takes {} values, the stack has {}", count, stack_.size() - floor());
  }
  PickleIndex pop() {
    require(1);
    PickleIndex top = stack_.back();
    stack_.pop_back();
    return top;
  }
  PickleValue& top() {
    require(1);
    return pickle_.values[stack_.back()];
  }
  std::vector<PickleIndex> pop_to_mark();
  void pop_or_mark();

  void check_protocol();
  void push_skipped_bytes(uint64_t length);
  void check_frame();
  void put(uint32_t index) { memo_[index] = (require(1), stack_.back()); }
  void stack_global();
  void append(std::vector<PickleIndex> items, PickleKind kind);
  void set_items(std::vector<PickleIndex> items);
  bool step_value(uint8_t opcode);
  bool step_stack(uint8_t opcode);
  bool step_container(uint8_t opcode);
  bool step_object(uint8_t opcode);

  std::span<const std::byte> bytes_;
  const std::string& where_;
  size_t at_ = 0;
  Pickle pickle_;
  PickleBuilder builder_;
  std::vector<PickleIndex> stack_;
  std::vector<size_t> marks_;  // heights of the stack
  std::unordered_map<uint32_t, PickleIndex> memo_;
};

std::string_view PickleReader::line() {
  std::string_view left(reinterpret_cast<const char*>(bytes_.data()) + at_, bytes_.size() - at_);
  size_t length = left.find('\n');
  if (length == std::string_view::npos) refuse("a name without its end");
  at_ += length + 1;
  return left.substr(0, length);
}

void PickleReader::push_text(std::string_view text) {
  if (!is_utf8(text)) refuse("the text {} is not UTF-8", in_quotes(text));
  push({.kind = PickleKind::text, .text = text});
}

void PickleReader::push_long(std::string_view bytes) {
  if (bytes.size() > 8) return push({.kind = PickleKind::big_integer, .text = bytes});
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size(); ++i) value |= static_cast<uint64_t>(static_cast<uint8_t>(bytes[i])) << (8 * i);
  bool negative = !bytes.empty() && (bytes.back() & 0x80) != 0;
  if (negative && bytes.size() < 8) value |= ~uint64_t{0} << (8 * bytes.size());
  push_integer(static_cast<int64_t>(value));
}

void PickleReader::push_tuple(size_t count) {
  require(count);
  auto begin = stack_.end() - static_cast<std::ptrdiff_t>(count);
  PickleValue tuple{.kind = PickleKind::tuple, .items = {begin, stack_.end()}};
  stack_.erase(begin, stack_.end());
  push(std::move(tuple));
}

void PickleReader::push_global(std::string_view module, std::string_view name) {
  const SafeGlobal* known = find_safe_global(module, name);
  if (known == nullptr) {
    refuse(
        "it needs {}, which is not among the types that weights are made of and is not loaded; save the "
        "state_dict() alone",
        in_quotes(std::string(module) + "." + std::string(name)));
  }
  push({.kind = PickleKind::global, .global = known});
}

void PickleReader::push_memo(uint32_t index) {
  auto found = memo_.find(index);
  if (found == memo_.end()) refuse("it refers to value {}, which was not stored", index);
  push(found->second);
}

std::vector<PickleIndex> PickleReader::pop_to_mark() {
  if (marks_.empty()) refuse("it needs a MARK, and there is none");
  auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<PickleIndex> items(begin, stack_.end());
  stack_.erase(begin, stack_.end());
  marks_.pop_back();
  return items;
}

void PickleReader::pop_or_mark() {
  if (!marks_.empty() && stack_.size() == marks_.back()) {
    marks_.pop_back();
  } else {
    pop();
  }
}

void PickleReader::check_protocol() {
  auto protocol = number<uint8_t>();
  if (protocol < 2 || protocol > 5) refuse("it has protocol {}; known are 2 to 5", protocol);
}

void PickleReader::push_skipped_bytes(uint64_t length) {
  take(length);
  push({.kind = PickleKind::skipped, .text = "bytes"});
}

void PickleReader::check_frame() {
  auto length = number<uint64_t>();
  if (length > bytes_.size() - at_) refuse("a frame of {} bytes, {} are left", length, bytes_.size() - at_);
}

void PickleReader::stack_global() {
  const PickleValue &name = builder_.at(pop()), &module = builder_.at(pop());
  if (name.kind != PickleKind::text || module.kind != PickleKind::text) refuse("a class whose name is no text");
  push_global(module.text, name.text);
}

void PickleReader::append(std::vector<PickleIndex> items, PickleKind kind) {
  PickleValue& target = top();
  if (target.kind != kind) refuse("it adds an element to what is no {}", kind == PickleKind::set ? "set" : "list");
  target.items.insert(target.items.end(), items.begin(), items.end());
}

void PickleReader::set_items(std::vector<PickleIndex> items) {
  PickleValue& target = top();
  if (target.kind != PickleKind::dict) refuse("it sets a key of what is no dictionary");
  if (items.size() % 2 != 0) refuse("a key without a value");
  for (size_t i = 0; i < items.size(); i += 2) builder_.require_hashable(items[i]);
  target.items.insert(target.items.end(), items.begin(), items.end());
}

bool PickleReader::step_value(uint8_t opcode) {
  switch (opcode) {
    case 'N': push(PickleValue{}); return true;
    case 0x88: push({.kind = PickleKind::boolean, .integer = 1}); return true;
    case 0x89: push({.kind = PickleKind::boolean, .integer = 0}); return true;
    case 'J': push_integer(number<int32_t>()); return true;
    case 'K': push_integer(number<uint8_t>()); return true;
    case 'M': push_integer(number<uint16_t>()); return true;
    case 0x8A: push_long(take(number<uint8_t>())); return true;  // LONG1
    case 'G':                                                    // BINFLOAT, the most significant byte first
      push({.kind = PickleKind::real, .real = std::bit_cast<double>(__builtin_bswap64(number<uint64_t>()))});
      return true;
    case 'X': push_text(take(number<uint32_t>())); return true;  // BINUNICODE
    case 0x8C: push_text(take(number<uint8_t>())); return true;  // SHORT_BINUNICODE
    case 'T': push_text(take(number<uint32_t>())); return true;  // BINSTRING, Python 2's
    case 'U': push_text(take(number<uint8_t>())); return true;   // SHORT_BINSTRING
    case 'B': push_skipped_bytes(number<uint32_t>()); return true;
    case 'C': push_skipped_bytes(number<uint8_t>()); return true;
    default: return false;
  }
}

bool PickleReader::step_stack(uint8_t opcode) {
  switch (opcode) {
    case 0x80: check_protocol(); return true;
    case 0x95: check_frame(); return true;
    case '(': marks_.push_back(stack_.size()); return true;
    case '0': pop_or_mark(); return true;
    case 'q': put(number<uint8_t>()); return true;
    case 'r': put(number<uint32_t>()); return true;
    case 0x94: put(static_cast<uint32_t>(memo_.size())); return true;  // MEMOIZE
    case 'h': push_memo(number<uint8_t>()); return true;
    case 'j': push_memo(number<uint32_t>()); return true;
    default: return false;
  }
}

bool PickleReader::step_container(uint8_t opcode) {
  switch (opcode) {
    case '}': push_container(PickleKind::dict); return true;
    case ']': push_container(PickleKind::list); return true;
    case ')': push_container(PickleKind::tuple); return true;
    case 0x8F: push_container(PickleKind::set); return true;
    case 't': push({.kind = PickleKind::tuple, .items = pop_to_mark()}); return true;
    case 0x85: push_tuple(1); return true;
    case 0x86: push_tuple(2); return true;
    case 0x87: push_tuple(3); return true;
    case 'a': append({pop()}, PickleKind::list); return true;
    case 'e': append(pop_to_mark(), PickleKind::list); return true;
    case 0x90: append(pop_to_mark(), PickleKind::set); return true;  // ADDITEMS
    case 's': {
      PickleIndex value = pop(), key = pop();
      set_items({key, value});
      return true;
    }
    case 'u': set_items(pop_to_mark()); return true;
    default: return false;
  }
}

bool PickleReader::step_object(uint8_t opcode) {
  switch (opcode) {
    case 'c': {
      std::string_view module = line();
      push_global(module, line());
      return true;
    }
    case 0x93: stack_global(); return true;
    case 'Q': push(builder_.storage(pop())); return true;  // BINPERSID
    case 'R':
    case 0x81: {  // REDUCE, NEWOBJ
      PickleIndex arguments = pop(), callee = pop();
      push(builder_.call(callee, arguments));
      return true;
    }
    case 'b': {
      PickleIndex state = pop();
      require(1);
      builder_.drop_state(stack_.back(), state);
      return true;
    }
    default: return false;
  }
}

Pickle PickleReader::read() {
  if (bytes_.empty() || bytes_[0] != std::byte{0x80}) refuse("it does not begin as a pickle of protocol 2 or later");
  for (size_t opcodes = 0;; ++opcodes) {
    if (at_ == bytes_.size()) refuse("it ends without STOP; the file is cut short");
    if (opcodes == most_opcodes) refuse("it is longer than {} opcodes; save the state_dict() alone", most_opcodes);
    auto opcode = number<uint8_t>();
    if (opcode == '.') break;
    if (step_value(opcode) || step_stack(opcode) || step_container(opcode) || step_object(opcode)) continue;
    refuse("opcode 0x{:02x}, which torch.save does not use", opcode);
  }
  if (stack_.size() != 1 || !marks_.empty()) {
    refuse("it ends with {} values and {} open marks; expected one value", stack_.size(), marks_.size());
  }
  builder_.require_distinct_keys();
  pickle_.root = stack_[0];
  pickle_.length = at_;
  return std::move(pickle_);
}

}  // namespace

Pickle read_pickle(std::span<const std::byte> bytes, const std::string& where) {
  return PickleReader(bytes, where).read();
}

}  // namespace cuunet
