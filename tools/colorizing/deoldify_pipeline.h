// DeOldify's way from a photograph to a coloured one, number for number.
// J. Antic, github.com/jantic/DeOldify, deoldify/filters.py
//
//   photograph -> bilinear stretch to a square (Pillow) -> grey -> (x/255 - mean)/deviation -> network
//     -> y·deviation + mean -> clamp to 0 … 1, ·255, fraction cut off -> bilinear back -> the photograph's Y with that
//     U and V (OpenCV's YUV, 8 bits)
//
// What comes before and after differs on purpose: pictures are turned upright and alpha is laid on white (DeOldify
// drops both), and short memory is an error (DeOldify returns the grey square).
#pragma once

#include "engine/io/image.h"
#include "engine/tensor/tensor.h"

#include <functional>
#include <vector>

namespace cuunet {

// The side of the square is so many times this.
inline constexpr int64_t deoldify_render_base = 16;
inline constexpr int64_t deoldify_render_factor = 35;  // DeOldify's own default for photographs

struct DeOldifyStages {
  Image stretched, grey;            // S × S
  Tensor input, output;             // of the network, [1, 3, S, S]
  std::vector<float> denormalised;  // [3, S, S], before the clamp
  Image square, colour;             // the network's picture, S × S and at the photograph's size
};

// Error: an output that is not finite. OutOfMemory passes through.
DeOldifyStages run_deoldify(Context& context, const Image& photograph, int64_t side,
                            const std::function<Tensor(const Tensor&)>& network);

// The luminance of the photograph with the chroma of a picture of the same size; a colour that leaves the cube is
// clipped channel by channel.
Image deoldify_merge(const Image& photograph, const Image& colour);

}  // namespace cuunet
