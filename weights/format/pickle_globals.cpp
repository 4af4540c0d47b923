#include "weights/format/pickle_globals.h"

#include <fmt/format.h>

namespace cuunet {
namespace {

using enum GlobalUse;

constexpr SafeGlobal safe_globals[] = {
    {"torch._utils", "_rebuild_tensor_v2", tensor_v2},
    {"torch._utils", "_rebuild_tensor", tensor_v1},
    {"torch._utils", "_rebuild_tensor_v3", tensor_v3},
    {"torch._utils", "_rebuild_parameter", parameter},
    {"torch", "DoubleStorage", storage, StoredType::f64},
    {"torch", "FloatStorage", storage, StoredType::f32},
    {"torch", "HalfStorage", storage, StoredType::f16},
    {"torch", "BFloat16Storage", storage, StoredType::bf16},
    {"torch", "LongStorage", storage, StoredType::i64},
    {"torch", "IntStorage", storage, StoredType::i32},
    {"torch", "ShortStorage", storage, StoredType::i16},
    {"torch", "CharStorage", storage, StoredType::i8},
    {"torch", "ByteStorage", storage, StoredType::u8},
    {"torch", "BoolStorage", storage, StoredType::boolean},
    {"torch.storage", "UntypedStorage", raw_storage},
    {"collections", "OrderedDict", dict},
    {"collections", "defaultdict", dict},
    {"collections", "Counter", dict},
    {"torch", "Size", size},
    {"torch", "device", skipped},
    {"_codecs", "encode", skipped},
    // Protocol 2 names the built-ins as Python 2 did.
    {"__builtin__", "set", set},
    {"builtins", "set", set},
    {"__builtin__", "complex", skipped},
    {"builtins", "complex", skipped},
    // The default of a defaultdict.
    {"__builtin__", "long", name},
    {"__builtin__", "int", name},
    {"builtins", "int", name},
    {"__builtin__", "float", name},
    {"builtins", "float", name},
    {"__builtin__", "list", name},
    {"builtins", "list", name},
    {"__builtin__", "dict", name},
    {"builtins", "dict", name},
    {"torch", "float64", name},
    {"torch", "float32", name},
    {"torch", "float16", name},
    {"torch", "bfloat16", name},
    {"torch", "int64", name},
    {"torch", "int32", name},
    {"torch", "int16", name},
    {"torch", "int8", name},
    {"torch", "uint8", name},
    {"torch", "bool", name},
    // Named so that tensors of these types can be refused by what they are.
    {"torch", "float8_e4m3fn", name},
    {"torch", "float8_e4m3fnuz", name},
    {"torch", "float8_e5m2", name},
    {"torch", "float8_e5m2fnuz", name},
    {"torch", "uint16", name},
    {"torch", "uint32", name},
    {"torch", "uint64", name},
};

}  // namespace

std::string SafeGlobal::text() const { return fmt::format("{}.{}", module, name); }

const SafeGlobal* find_safe_global(std::string_view module, std::string_view name) {
  for (const SafeGlobal& known : safe_globals) {
    if (known.module == module && known.name == name) return &known;
  }
  return nullptr;
}

}  // namespace cuunet
