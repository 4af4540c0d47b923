// The classes and functions that a pickle may name. Nothing else is built, and none of these is ever called: the reader
// knows what each would give.
#pragma once

#include "weights/format/stored_tensor.h"

#include <string>
#include <string_view>

namespace cuunet {

enum class GlobalUse : uint8_t {
  dict,  // collections.OrderedDict and its like
  set,
  size,         // torch.Size: a tuple
  skipped,      // a value without a counterpart here: a device, bytes, a complex number
  name,         // stands for itself: torch.float16, int
  storage,      // the class of a storage, with its element type
  raw_storage,  // torch.storage.UntypedStorage, only behind tensor_v3
  tensor_v1,    // torch._utils._rebuild_tensor, before PyTorch 0.4
  tensor_v2,
  tensor_v3,  // element types that have no storage class of their own; refused by their name
  parameter
};

struct SafeGlobal {
  std::string_view module, name;
  GlobalUse use;
  StoredType type = StoredType::u8;

  std::string text() const;  // "torch.FloatStorage"
};

// Compares the whole pair; null: not safe.
const SafeGlobal* find_safe_global(std::string_view module, std::string_view name);

}  // namespace cuunet
