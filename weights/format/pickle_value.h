// What a pickle holds, as one flat list of values that refer to each other by their place in it: nothing is nested, so
// reading, walking and freeing need no recursion, and values that are used twice are there once.
#pragma once

#include "weights/format/stored_tensor.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cuunet {

struct SafeGlobal;

enum class PickleKind : uint8_t {
  none,
  boolean,
  integer,
  big_integer,  // beyond 64 bits
  real,
  text,
  list,
  tuple,
  set,
  dict,
  tensor,
  storage,
  global,  // a class or function by its name, as torch.float16
  skipped  // known to be harmless, not kept
};

using PickleIndex = uint32_t;

struct PickleValue {
  PickleKind kind = PickleKind::none;
  int64_t integer = 0;  // of a boolean, too; of a tensor or storage: its place in the pickle's list
  double real = 0;
  std::string_view text;  // in the pickle's bytes; of a big integer its bytes, least significant first; of
                          // a skipped value the name of its type
  const SafeGlobal* global = nullptr;
  std::vector<PickleIndex> items;  // of a dict: key, value, key, value, …
};

struct PickledStorage {
  StoredType type = StoredType::f32;
  bool raw = false;      // bytes whose element type the tensor names
  std::string_view key;  // of the record or stream that holds it
  int64_t elements = 0;
  // The legacy format's oldest files: this many elements from there on of the storage `key`.
  bool view = false;
  int64_t view_offset = 0, view_elements = 0;
};

// In elements; not yet held against the storage.
struct PickledTensor {
  PickleIndex storage = 0;  // in the list of storages
  int64_t offset = 0;
  std::vector<int64_t> shape, strides;
};

struct Pickle {
  std::vector<PickleValue> values;
  PickleIndex root = 0;
  std::vector<PickledStorage> storages;
  std::vector<PickledTensor> tensors;
  size_t length = 0;  // bytes, to the end of STOP

  const PickleValue& at(PickleIndex index) const { return values[index]; }
  // The value under a text key of a dict; null when it is no dict or has no such key.
  const PickleValue* find(const PickleValue& dict, std::string_view key) const;
};

// A dictionary's key as Python prints it, text without its quotes: "exp_avg", "0", "('a', 1)". Long tuples end in "…".
std::string key_text(const Pickle& pickle, const PickleValue& key);

// As decimal digits.
std::string big_integer_text(std::string_view little_endian);

}  // namespace cuunet
