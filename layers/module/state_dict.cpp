#include "layers/module/state_dict.h"

#include "kernels/device/copy.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace cuunet {
namespace {

bool may_be_missing(const std::string& name) { return name.ends_with("num_batches_tracked"); }

std::string listed(const char* what, const std::vector<std::string>& names) {
  if (names.empty()) return "";
  constexpr size_t named = 4;
  auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(named, names.size()));
  return fmt::format("; {} {}: {}{}", names.size(), what, fmt::join(names.begin(), end, ", "),
                     names.size() > named ? ", …" : "");
}

}  // namespace

std::string StateMismatch::text() const {
  std::string text =
      listed("missing", missing) + listed("unexpected", unexpected) + listed("of another shape", misshapen);
  return text.empty() ? text : text.substr(2);
}

StateMismatch compare_state(Module& module, const StateSource& source) {
  std::vector<std::string> names = source.names();
  std::set<std::string> there(names.begin(), names.end());
  StateMismatch mismatch;
  for (const StateEntry& entry : module.state()) {
    if (there.erase(entry.name) == 0) {
      if (!may_be_missing(entry.name)) mismatch.missing.push_back(entry.name);
    } else if (!(source.shape(entry.name) == entry.value.shape())) {
      mismatch.misshapen.push_back(fmt::format("{}: expects {}, got {}", entry.name, entry.value.shape().text(),
                                               source.shape(entry.name).text()));
    }
  }
  mismatch.unexpected.assign(there.begin(), there.end());
  return mismatch;
}

StateMismatch load_state(Module& module, const StateSource& source, bool strict) {
  StateMismatch mismatch = compare_state(module, source);
  if (strict && !mismatch.empty()) {
    throw FileError("{} does not fit the model: {}", source.description(), mismatch.text());
  }
  std::vector<std::string> names = source.names();
  std::set<std::string> there(names.begin(), names.end());
  for (StateEntry& entry : module.state()) {
    if (there.contains(entry.name) && source.shape(entry.name) == entry.value.shape()) {
      source.load(entry.name, entry.value);
    } else if (!module.placement().zeroed) {
      fill_zero(entry.value.context(), entry.value.view());
    }
  }
  return mismatch;
}

}  // namespace cuunet
