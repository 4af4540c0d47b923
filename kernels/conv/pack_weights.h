// Our weights in the blocked formats of oneDNN's forward convolutions. oneDNN's own reorder is three times slower: it
// reads 32 rows at strides that fall on the same few cache sets.
#pragma once

#include "kernels/device/context.h"
#include "kernels/device/view.h"

namespace cuunet {

// pair is 2 with bf16 and 1 with f32. Element (out, in, r, s) lies at out/block·out_stride + in/pair·in_stride +
// r·r_stride + s·s_stride + out%block·pair + in%pair. out and in are padded with zeros up to whole blocks. In oneDNN's
// words: AcdB32a2b, Acdb16a and the like.
struct BlockedWeights {
  int64_t block = 0;  // 0: a format that is none of these
  int64_t out = 0, in = 0, r = 0, s = 0;
  int64_t out_stride = 0, in_stride = 0, r_stride = 0, s_stride = 0;
};

// From w, f32 [K, C, R, S], its K output and C input channels (`rotated`: C outputs, K inputs, the taps in reverse).
// packed is f32 or bf16.
void pack_weights(Context&, ConstView w, bool rotated, const BlockedWeights& format, DType dtype, void* packed);

}  // namespace cuunet
