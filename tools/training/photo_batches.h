// Photographs as the batches of a training task.
#pragma once

#include "tools/data/loader.h"
#include "tools/data/photographs.h"
#include "tools/training/batch_source.h"
#include "tools/training/recipe.h"

#include <memory>
#include <optional>

namespace cuunet {

AugmentationSettings augmentation_settings(const AugmentationRecipe& recipe);

struct PhotoBatchesOptions {
  bool training = true;  // shuffled and augmented; else in order, centre crops
  uint64_t seed = 1;
  AugmentationSettings augmentation;
  int workers = 2;
};

class PhotoBatches final : public BatchSource {
 public:
  PhotoBatches(Context& context, const Photographs& photographs, const PhotoBatchesOptions& options)
      : context_(context), photographs_(photographs), options_(options) {}
  ~PhotoBatches() override { drop_ahead(); }

  int64_t pictures() const override { return photographs_.count(); }
  std::string fingerprint() const override;
  void begin(const BatchRequest& request) override;
  ColorPair next() override;
  void load_ahead() override;

 private:
  void load();
  void drop_ahead();
  ColorPair empty_pair() const;
  bool goes_on(const BatchRequest& request) const;

  Context& context_;
  const Photographs& photographs_;
  PhotoBatchesOptions options_;
  std::optional<BatchRequest> request_;  // what the loader gives next
  std::unique_ptr<Loader> loader_;
  Batch batch_;
  ColorPair ahead_;         // memory for the batch after the last one that next() gave
  bool under_way_ = false;  // that batch is on its way there
};

}  // namespace cuunet
