#include "weights/format/printable.h"

#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

// Bytes of the character that begins here; 0: none does.
size_t character_length(std::string_view text) {
  auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  auto follows = [&](size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  unsigned first = byte(0), second = byte(1);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4 || !follows(1)) return 0;
  if (first < 0xE0) return 2;
  if (first < 0xF0) {
    bool overlong = first == 0xE0 && second < 0xA0, surrogate = first == 0xED && second >= 0xA0;
    return !overlong && !surrogate && follows(2) ? 3 : 0;
  }
  bool overlong = first == 0xF0 && second < 0x90, beyond = first == 0xF4 && second >= 0x90;
  return !overlong && !beyond && follows(2) && follows(3) ? 4 : 0;
}

}  // namespace

std::string in_quotes(std::string_view name) {
  constexpr size_t longest = 100;
  std::string text(name.substr(0, longest));
  if (name.size() > longest) text += "…";
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    size_t length = character_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace cuunet
