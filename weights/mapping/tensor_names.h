// The tensors of a file behind one prefix, as the readers of known networks ask for them.
#pragma once

#include "weights/mapping/recognition.h"

#include <string>
#include <vector>

namespace cuunet {

class TensorNames {
 public:
  TensorNames(const TensorShapes& shapes, const std::string& prefix) : shapes_(shapes), prefix_(prefix) {}

  const std::vector<int64_t>* shape(const std::string& name) const {
    auto found = shapes_.find(prefix_ + name);
    return found == shapes_.end() ? nullptr : &found->second;
  }
  bool holds(const std::string& name) const { return shape(name) != nullptr; }
  bool any_begins(const std::string& name) const {
    auto first = shapes_.lower_bound(prefix_ + name);
    return first != shapes_.end() && first->first.starts_with(prefix_ + name);
  }
  // [out, in, …] of a convolution's weight, plain, with weight norm or with spectral norm.
  const std::vector<int64_t>* weight(const std::string& layer) const {
    for (const char* kind : {".weight_orig", ".weight_v", ".weight"}) {
      const std::vector<int64_t>* found = shape(layer + kind);
      if (found != nullptr && found->size() == 4) return found;
    }
    return nullptr;
  }

 private:
  const TensorShapes& shapes_;
  const std::string& prefix_;
};

// Whether a dimension is one that a network may be built with.
inline bool sensible(int64_t extent) { return extent >= 1 && extent <= 1024; }

// "resnet18" … "resnet101", by the blocks of two of its layers.
std::string resnet_named_by(const TensorNames& names, const char* first_layer, const char* third_layer);

// Each fills in the model and its options and says whether the tensors are such a network's. Tensors may be missing: it
// is the nearest network that is looked for.
bool read_dynamic_unet(const TensorNames& names, RecognisedNetwork& network);
bool read_resnet(const TensorNames& names, RecognisedNetwork& network);
bool read_vgg(const TensorNames& names, RecognisedNetwork& network);
bool read_unet_generator(const TensorNames& names, RecognisedNetwork& network);
bool read_patch_gan(const TensorNames& names, RecognisedNetwork& network);
bool read_deoldify_critic(const TensorNames& names, RecognisedNetwork& network);

}  // namespace cuunet
