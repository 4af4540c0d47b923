// Moving values between a module and named tensors from somewhere else (a file, a checkpoint, a test).
#pragma once

#include "layers/module/module.h"

#include <map>
#include <string>
#include <vector>

namespace cuunet {

// Named values to load from.
class StateSource {
 public:
  virtual ~StateSource() = default;
  virtual std::string description() const = 0;  // "weights.pth", for messages
  virtual std::vector<std::string> names() const = 0;
  virtual Shape shape(const std::string& name) const = 0;
  virtual std::vector<double> values(const std::string& name) const = 0;  // PyTorch's order
  // Overwrites a tensor of that shape; without the detour through doubles where the source knows a shorter way.
  virtual void load(const std::string& name, Tensor& tensor) const { tensor.assign(values(name)); }
};

// What does not fit between a source and a module.
struct StateMismatch {
  std::vector<std::string> missing, unexpected, misshapen;  // misshapen: "name: expects [3], got [4]"
  bool empty() const { return missing.empty() && unexpected.empty() && misshapen.empty(); }
  std::string text() const;  // on one line: how many of each kind, the first four by name
};

// num_batches_tracked may be missing (files older than PyTorch 0.4.1 have none).
StateMismatch compare_state(Module& module, const StateSource& source);

// Copies every value whose name fits; the rest of the module stays, or is zero where its memory was reserved only.
// Strict: throws a FileError that counts the missing, unexpected and misshapen entries and names the first of each, and
// changes nothing. PyTorch: module.load_state_dict(source, strict)
StateMismatch load_state(Module& module, const StateSource& source, bool strict = true);

}  // namespace cuunet
