// The program's version, for what it prints and writes.
#pragma once

namespace cuunet {

inline constexpr const char* version = "0.1.0";

}  // namespace cuunet
