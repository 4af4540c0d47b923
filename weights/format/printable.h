// Names from files in messages: on one line, of bounded length, whatever bytes they hold.
#pragma once

#include <string>
#include <string_view>

namespace cuunet {

std::string in_quotes(
    std::string_view name);  // as JSON writes it, bytes that are not UTF-8 replaced, at most 100 or so

bool is_utf8(std::string_view text);  // RFC 3629: no surrogates, nothing overlong

}  // namespace cuunet
