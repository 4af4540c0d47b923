// Where a training task gets its batches from: pairs of a grey input and its colours, both ImageNet-normalised.
#pragma once

#include "engine/tensor/tensor.h"

#include <cstdint>
#include <string>

namespace cuunet {

struct ColorPair {
  Tensor input, target;  // [N, 3, size, size] f32
};

// Which batches come next. The pictures' order and every random draw are functions of seed and epoch, so that a source
// that begins at step k gives what one that began at 0 gives there.
struct BatchRequest {
  int64_t size = 64;       // pixels, both sides
  int64_t batch = 1;       // pictures per batch
  int64_t epoch = 0;       // counted over the whole run
  int64_t first_step = 0;  // batches of this epoch to leave out
};

class BatchSource {
 public:
  virtual ~BatchSource() = default;
  virtual int64_t pictures() const = 0;
  // Changes when the pictures or their order change.
  virtual std::string fingerprint() const = 0;
  virtual void begin(const BatchRequest& request) = 0;
  virtual ColorPair next() = 0;  // the last batch of an epoch may be smaller
  // While a GPU computes: the next batch goes there already. Where memory is shared there is nothing to do.
  virtual void load_ahead() {}
};

}  // namespace cuunet
