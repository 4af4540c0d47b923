// Colourisers without a network, the bar that a trained one has to clear. Each keeps the luminance of the picture and
// adds the mean colour (R - Y, G - Y, B - Y) that the training pictures had
//   one_tint     anywhere
//   brightness   at pixels of that luminance:  256 entries, smoothed over about 4 steps
//   row          at that height of the picture: 64 entries, read with linear interpolation
// The mean is the guess with the least square error; an entry that no pixel reached has no colour.
#pragma once

#include "engine/io/image.h"

#include <array>
#include <vector>

namespace cuunet {

class TablePredictor {
 public:
  enum class Key { one_tint, brightness, row };

  explicit TablePredictor(Key key);

  const char* name() const;  // "one tint", "brightness -> colour", "row -> colour"

  void add(const Image& training_picture);
  Image predict(const Image& picture) const;  // reads its luminance only

 private:
  struct Entry {
    double count = 0;
    std::array<double, 3> chroma{};  // the sum over `count` pixels
  };

  size_t entry_of(double luma, double height) const;
  std::vector<std::array<double, 3>> means() const;

  Key key_;
  std::vector<Entry> entries_;
};

// One of each kind, fitted on the pictures.
std::vector<TablePredictor> fit_predictors(const std::vector<Image>& training_pictures);

}  // namespace cuunet
