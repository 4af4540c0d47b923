#include "weights/format/pickle_builder.h"

#include "weights/format/printable.h"

#include <limits>
#include <unordered_set>

namespace cuunet {
namespace {

const char* name_of(PickleKind kind) {
  constexpr const char* names[] = {"None",           "a boolean",
                                   "a whole number", "a number beyond 64 bits",
                                   "a number",       "text",
                                   "a list",         "a tuple",
                                   "a set",          "a dictionary",
                                   "a tensor",       "a storage",
                                   "a class",        "a value that is not kept"};
  return names[static_cast<size_t>(kind)];
}

}  // namespace

PickleIndex PickleBuilder::add(PickleValue value) {
  pickle_.values.push_back(std::move(value));
  return static_cast<PickleIndex>(pickle_.values.size() - 1);
}

void PickleBuilder::spend(size_t copied) {
  copied_ += copied;
  if (copied_ > most_opcodes) refuse("its calls repeat more than {} values", most_opcodes);
}

const PickleValue& PickleBuilder::argument(PickleIndex arguments, size_t i, PickleKind kind, const char* what) const {
  const PickleValue& value = at(at(arguments).items.at(i));
  if (value.kind != kind) refuse("{} is {}; expected {}", what, name_of(value.kind), name_of(kind));
  return value;
}

int64_t PickleBuilder::whole_number(PickleIndex index, const char* what) const {
  const PickleValue& value = at(index);
  if (value.kind != PickleKind::integer) refuse("{} is {}; expected a whole number", what, name_of(value.kind));
  if (value.integer < 0) refuse("{} is {}; expected no negative number", what, value.integer);
  return value.integer;
}

std::vector<int64_t> PickleBuilder::whole_numbers(const PickleValue& tuple, const char* what) const {
  constexpr size_t highest_rank = 64;  // PyTorch's own limit
  if (tuple.items.size() > highest_rank)
    refuse("{} has {} numbers, at most {} are known", what, tuple.items.size(), highest_rank);
  std::vector<int64_t> numbers;
  for (PickleIndex item : tuple.items) numbers.push_back(whole_number(item, what));
  return numbers;
}

void PickleBuilder::require_arguments(const SafeGlobal& callee, const PickleValue& arguments, size_t least,
                                      size_t most) const {
  size_t count = arguments.items.size();
  if (count < least || count > most)
    refuse("{} has {} arguments; expected {} to {}", callee.text(), count, least, most);
}

PickleIndex PickleBuilder::call(PickleIndex callee_index, PickleIndex arguments) {
  if (at(callee_index).kind != PickleKind::global) refuse("it calls {}", name_of(at(callee_index).kind));
  if (at(arguments).kind != PickleKind::tuple) refuse("a call's arguments are {}", name_of(at(arguments).kind));
  const SafeGlobal& callee = *at(callee_index).global;
  switch (callee.use) {
    case GlobalUse::dict: return dict(callee, arguments);
    case GlobalUse::set: return set(callee, arguments);
    case GlobalUse::size:
      require_arguments(callee, at(arguments), 1, 1);
      argument(arguments, 0, PickleKind::tuple, "torch.Size");
      return at(arguments).items[0];
    case GlobalUse::skipped:
      return add({.kind = PickleKind::skipped, .text = callee.name == "encode" ? "bytes" : callee.name});
    case GlobalUse::tensor_v1:
    case GlobalUse::tensor_v2: return tensor(callee, arguments);
    case GlobalUse::tensor_v3: refuse_tensor_v3(arguments); break;
    case GlobalUse::parameter:
      require_arguments(callee, at(arguments), 3, 3);
      argument(arguments, 0, PickleKind::tensor, "a parameter's data");
      return at(arguments).items[0];
    case GlobalUse::name:
    case GlobalUse::storage:
    case GlobalUse::raw_storage: break;
  }
  refuse("it calls {}, which is known by its name only", callee.text());
}

// OrderedDict(), OrderedDict([(key, value), …]), defaultdict(type), Counter({…}).
PickleIndex PickleBuilder::dict(const SafeGlobal& callee, PickleIndex arguments) {
  require_arguments(callee, at(arguments), 0, 2);
  PickleValue made{.kind = PickleKind::dict};
  for (PickleIndex index : at(arguments).items) {
    const PickleValue& content = at(index);
    spend(2 * content.items.size());
    if (content.kind == PickleKind::dict) {
      made.items.insert(made.items.end(), content.items.begin(), content.items.end());
    } else if (content.kind == PickleKind::list) {
      for (PickleIndex pair : content.items) {
        if (at(pair).items.size() != 2) refuse("{} is made of what is no pair", callee.text());
        require_hashable(at(pair).items[0]);
        made.items.insert(made.items.end(), at(pair).items.begin(), at(pair).items.end());
      }
    } else if (content.kind != PickleKind::global && content.kind != PickleKind::none) {
      refuse("{} is made from {}", callee.text(), name_of(content.kind));
    }
  }
  return add(std::move(made));
}

PickleIndex PickleBuilder::set(const SafeGlobal& callee, PickleIndex arguments) {
  require_arguments(callee, at(arguments), 0, 1);
  PickleValue made{.kind = PickleKind::set};
  if (!at(arguments).items.empty()) made.items = argument(arguments, 0, PickleKind::list, "a set's content").items;
  spend(made.items.size());
  return add(std::move(made));
}

// (storage, offset, size, strides[, requires_grad, hooks[, metadata]])
PickleIndex PickleBuilder::tensor(const SafeGlobal& callee, PickleIndex arguments) {
  bool old = callee.use == GlobalUse::tensor_v1;
  require_arguments(callee, at(arguments), old ? 4 : 6, old ? 4 : 7);
  PickledTensor tensor;
  auto storage_index = argument(arguments, 0, PickleKind::storage, "a tensor's storage").integer;
  tensor.storage = static_cast<PickleIndex>(storage_index);
  if (pickle_.storages[tensor.storage].raw) refuse("a tensor of {} on an untyped storage", callee.text());
  tensor.offset = whole_number(at(arguments).items[1], "a tensor's offset");
  tensor.shape = whole_numbers(argument(arguments, 2, PickleKind::tuple, "a tensor's shape"), "a tensor's shape");
  tensor.strides = whole_numbers(argument(arguments, 3, PickleKind::tuple, "a tensor's strides"), "a tensor's strides");
  spend(tensor.shape.size() + tensor.strides.size());
  if (tensor.shape.size() != tensor.strides.size()) {
    refuse("a tensor has {} extents and {} strides", tensor.shape.size(), tensor.strides.size());
  }
  if (at(arguments).items.size() == 7) {
    const PickleValue& metadata = at(at(arguments).items[6]);
    if (metadata.kind != PickleKind::dict) refuse("a tensor's flags are {}", name_of(metadata.kind));
    if (!metadata.items.empty()) {
      refuse("a tensor has the view flag {}, which changes its numbers; save it after .resolve_neg().resolve_conj()",
             in_quotes(at(metadata.items[0]).text));
    }
  }
  pickle_.tensors.push_back(std::move(tensor));
  return add({.kind = PickleKind::tensor, .integer = static_cast<int64_t>(pickle_.tensors.size() - 1)});
}

// (storage, offset, size, strides, requires_grad, hooks, dtype[, metadata])
void PickleBuilder::refuse_tensor_v3(PickleIndex arguments) const {
  require_arguments(*find_safe_global("torch._utils", "_rebuild_tensor_v3"), at(arguments), 7, 8);
  const PickleValue& type = argument(arguments, 6, PickleKind::global, "a tensor's element type");
  refuse("a tensor has elements of {}; convert it to one of float64, float32, float16, bfloat16, int64 … uint8, bool",
         type.global->text());
}

// ('storage', class, key, location, elements[, view])
PickleIndex PickleBuilder::storage(PickleIndex id) {
  const PickleValue& fields = at(id);
  if (fields.kind != PickleKind::tuple) refuse("a persistent id is {}; expected a tuple", name_of(fields.kind));
  if (fields.items.empty() || at(fields.items[0]).text != "storage") refuse("a persistent id is not a storage's");
  size_t count = fields.items.size();
  if (count != 5 && count != 6) refuse("a storage's id has {} fields; expected 5 or 6", count);
  const SafeGlobal& type = *argument(id, 1, PickleKind::global, "a storage's class").global;
  bool raw = type.use == GlobalUse::raw_storage;
  if (type.use != GlobalUse::storage && !raw) refuse("{} is not the class of a storage", type.text());
  PickledStorage storage{.type = type.type, .raw = raw};
  storage.key = argument(id, 2, PickleKind::text, "a storage's key").text;
  argument(id, 3, PickleKind::text, "a storage's place");
  storage.elements = whole_number(fields.items[4], "a storage's number of elements");
  if (count == 6) read_view(at(fields.items[5]), storage);
  pickle_.storages.push_back(storage);
  return add({.kind = PickleKind::storage, .integer = static_cast<int64_t>(pickle_.storages.size() - 1)});
}

// None, or (key, offset, elements)
void PickleBuilder::read_view(const PickleValue& metadata, PickledStorage& storage) const {
  if (metadata.kind == PickleKind::none) return;
  if (metadata.kind != PickleKind::tuple || metadata.items.size() != 3)
    refuse("a storage's view is not (key, offset, size)");
  storage.view = true;
  storage.view_offset = whole_number(metadata.items[1], "a view's offset");
  storage.view_elements = whole_number(metadata.items[2], "a view's number of elements");
}

void PickleBuilder::drop_state(PickleIndex target, PickleIndex state) const {
  if (at(target).kind != PickleKind::dict || at(state).kind != PickleKind::dict) {
    refuse("it gives {} a state ({}), which is not done", name_of(at(target).kind), name_of(at(state).kind));
  }
}

void PickleBuilder::require_hashable(PickleIndex key) const {
  PickleKind kind = at(key).kind;
  bool hashable = kind != PickleKind::list && kind != PickleKind::set && kind != PickleKind::dict &&
                  kind != PickleKind::tensor && kind != PickleKind::storage;
  if (!hashable) refuse("a dictionary's key is {}", name_of(kind));
}

void PickleBuilder::require_distinct_keys() const {
  std::unordered_set<std::string_view> texts;
  std::unordered_set<int64_t> integers;
  for (const PickleValue& value : pickle_.values) {
    if (value.kind != PickleKind::dict) continue;
    texts.clear();
    integers.clear();
    for (size_t i = 0; i < value.items.size(); i += 2) {
      const PickleValue& key = at(value.items[i]);
      bool repeated = (key.kind == PickleKind::text && !texts.insert(key.text).second) ||
                      (key.kind == PickleKind::integer && !integers.insert(key.integer).second);
      if (!repeated) continue;
      if (key.kind == PickleKind::text) refuse("a dictionary has the key {} twice", in_quotes(key.text));
      refuse("a dictionary has the key {} twice", key.integer);
    }
  }
}

}  // namespace cuunet
