#include "weights/format/pickle_value.h"

#include "weights/format/pickle_globals.h"

#include <fmt/format.h>

namespace cuunet {

const PickleValue* Pickle::find(const PickleValue& dict, std::string_view key) const {
  if (dict.kind != PickleKind::dict) return nullptr;
  for (size_t i = 0; i < dict.items.size(); i += 2) {
    const PickleValue& name = at(dict.items[i]);
    if (name.kind == PickleKind::text && name.text == key) return &at(dict.items[i + 1]);
  }
  return nullptr;
}

std::string key_text(const Pickle& pickle, const PickleValue& key) {
  constexpr size_t longest = 8;
  switch (key.kind) {
    case PickleKind::text: return std::string(key.text);
    case PickleKind::integer: return std::to_string(key.integer);
    case PickleKind::big_integer: return big_integer_text(key.text);
    case PickleKind::boolean: return key.integer != 0 ? "True" : "False";
    case PickleKind::none: return "None";
    case PickleKind::real: return fmt::format("{}", key.real);
    case PickleKind::global: return key.global->text();
    case PickleKind::tuple: break;
    default: return fmt::format("<{}>", key.text);
  }
  std::string text;
  for (size_t i = 0; i < key.items.size() && i < longest; ++i) {
    const PickleValue& item = pickle.at(key.items[i]);
    if (i > 0) text += ", ";
    if (item.kind == PickleKind::tuple) {
      text += "(…)";
    } else {
      text += item.kind == PickleKind::text ? fmt::format("'{}'", item.text) : key_text(pickle, item);
    }
  }
  return fmt::format("({}{})", text, key.items.size() > longest ? ", …" : key.items.size() == 1 ? "," : "");
}

std::string big_integer_text(std::string_view little_endian) {
  bool negative = !little_endian.empty() && (little_endian.back() & 0x80) != 0;
  std::vector<uint32_t> digits;  // least significant first
  for (size_t i = little_endian.size(); i-- > 0;) {
    auto byte = static_cast<uint8_t>(little_endian[i]);
    uint32_t carry = negative ? static_cast<uint8_t>(~byte) : byte;
    for (uint32_t& digit : digits) {
      carry += digit * 256;
      digit = carry % 10;
      carry /= 10;
    }
    for (; carry > 0; carry /= 10) digits.push_back(carry % 10);
  }
  // Two's complement: -x is the complement plus one.
  for (size_t i = 0; negative; ++i) {
    if (i == digits.size()) digits.push_back(0);
    if (++digits[i] < 10) break;
    digits[i] = 0;
  }
  std::string text = negative ? "-" : digits.empty() ? "0" : "";
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) text += static_cast<char>('0' + *digit);
  return text;
}

}  // namespace cuunet
