#include "tools/training/photo_batches.h"

#include "kernels/device/context.h"
#include "kernels/device/error.h"

namespace cuunet {

AugmentationSettings augmentation_settings(const AugmentationRecipe& recipe) {
  return {.flip_p = recipe.flip ? 0.5 : 0,
          .max_rotate = recipe.rotate,
          .max_zoom = recipe.zoom,
          .max_warp = recipe.warp,
          .p_affine = recipe.probability,
          .max_lighting = recipe.lighting,
          .p_lighting = recipe.probability};
}

std::string PhotoBatches::fingerprint() const {
  uint64_t hash = 0xCBF29CE484222325u;  // FNV-1a over the names, a zero after each
  for (int64_t i = 0; i < photographs_.count(); ++i) {
    for (char c : photographs_.name(i) + '\0') hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  }
  return fmt::format("{} photographs, {:016x}", photographs_.count(), hash);
}

// Whether this is the epoch after the one just finished: the workers are at it already.
bool PhotoBatches::goes_on(const BatchRequest& request) const {
  return options_.training && request_ && request.size == request_->size && request.batch == request_->batch &&
         request.first_step == 0 && request.epoch == request_->epoch + 1 &&
         request_->first_step == loader_->steps_per_epoch();
}

void PhotoBatches::begin(const BatchRequest& request) {
  drop_ahead();
  if (!goes_on(request)) {
    loader_.reset();  // its workers end before others begin
    loader_ = std::make_unique<Loader>(photographs_, LoaderOptions{.size = request.size,
                                                                   .batch = request.batch,
                                                                   .seed = options_.seed,
                                                                   .training = options_.training,
                                                                   .augmentation = options_.augmentation,
                                                                   .first_epoch = request.epoch,
                                                                   .first_step = request.first_step,
                                                                   .workers = options_.workers});
  }
  request_ = request;
}

void PhotoBatches::load() {
  if (!loader_->next(batch_)) throw Error("no batch is left in this epoch; ask for as many as the epoch has");
}

ColorPair PhotoBatches::empty_pair() const {
  Shape shape{batch_.count, 3, batch_.size, batch_.size};
  return {Tensor::empty(context_, shape, DType::f32), Tensor::empty(context_, shape, DType::f32)};
}

// The loader writes feature maps as they are stored, pad lanes included.
ColorPair PhotoBatches::next() {
  ColorPair pair = std::move(ahead_);
  ahead_ = {};
  if (!under_way_) {
    load();
    pair = empty_pair();
    pair.input.assign_storage(batch_.input);
    pair.target.assign_storage(batch_.target);
  }
  under_way_ = false;
  ++request_->first_step;
  // The next batch's memory, before this one's kernels are launched, so that none of them uses it.
  bool more = options_.training && request_->first_step < loader_->steps_per_epoch();
  if (more && !context_.memory_is_host()) ahead_ = empty_pair();
  context_.join_uploads();
  return pair;
}

void PhotoBatches::load_ahead() {
  if (!ahead_.input.defined() || under_way_) return;
  load();
  under_way_ = true;
  ahead_.input.assign_storage_ahead(batch_.input);
  ahead_.target.assign_storage_ahead(batch_.target);
}

// Memory that an upload is on its way to is not given back before it is there.
void PhotoBatches::drop_ahead() {
  if (under_way_) context_.join_uploads();
  under_way_ = false;
  ahead_ = {};
}

}  // namespace cuunet
