// Reads Python pickles as torch.save writes them (protocols 2 to 5) without executing anything.
//
// Known are the opcodes that such files use; classes and functions are compared with pickle_globals.h, whole (module,
// name) pairs, and every other one is refused by its name. Lengths are checked against what is left before they are
// used; memory grows with the bytes read and ends with most_opcodes (pickle_builder.h). Python: pickle.Unpickler,
// restricted
#pragma once

#include "weights/format/pickle_value.h"

#include <cstddef>
#include <span>
#include <string>

namespace cuunet {

// The pickle that begins at the first byte; others may follow. Texts are views of `bytes`. `where` begins the messages
// of FileErrors.
Pickle read_pickle(std::span<const std::byte> bytes, const std::string& where);

}  // namespace cuunet
