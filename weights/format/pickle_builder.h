// Makes a pickle's values from what its opcodes ask for: what a call of a safe class or function gives, without calling
// anything. Every argument's kind and number is checked; FileErrors begin with `where`.
#pragma once

#include "kernels/device/error.h"
#include "weights/format/pickle_globals.h"
#include "weights/format/pickle_value.h"

namespace cuunet {

// A checkpoint has about ten for each number, text or tensor in it.
inline constexpr size_t most_opcodes = 8'000'000;

class PickleBuilder {
 public:
  PickleBuilder(Pickle& pickle, const std::string& where) : pickle_(pickle), where_(where) {}

  const PickleValue& at(PickleIndex index) const { return pickle_.values[index]; }
  PickleIndex add(PickleValue value);

  PickleIndex call(PickleIndex callee, PickleIndex arguments);  // REDUCE, NEWOBJ
  PickleIndex storage(PickleIndex persistent_id);               // BINPERSID
  // BUILD: the attributes of an OrderedDict (a state dict's _metadata) are dropped; nothing else may have any.
  void drop_state(PickleIndex target, PickleIndex state) const;

  void require_hashable(PickleIndex key) const;
  // In all dictionaries: which of two values a reader sees would be its choice.
  void require_distinct_keys() const;

 private:
  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> reason, Args&&... args) const {
    throw FileError("{}: {}", where_, fmt::format(reason, std::forward<Args>(args)...));
  }
  // A call may copy what was read once, again and again: all copies together are bounded as the opcodes are.
  void spend(size_t copied);
  const PickleValue& argument(PickleIndex arguments, size_t i, PickleKind kind, const char* what) const;
  int64_t whole_number(PickleIndex index, const char* what) const;
  std::vector<int64_t> whole_numbers(const PickleValue& tuple, const char* what) const;
  void require_arguments(const SafeGlobal& callee, const PickleValue& arguments, size_t least, size_t most) const;

  PickleIndex dict(const SafeGlobal& callee, PickleIndex arguments);
  PickleIndex set(const SafeGlobal& callee, PickleIndex arguments);
  PickleIndex tensor(const SafeGlobal& callee, PickleIndex arguments);
  void refuse_tensor_v3(PickleIndex arguments) const;
  void read_view(const PickleValue& metadata, PickledStorage& storage) const;

  Pickle& pickle_;
  const std::string& where_;
  size_t copied_ = 0;
};

}  // namespace cuunet
