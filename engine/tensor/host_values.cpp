#include "engine/tensor/host_values.h"

#include "engine/tensor/host_memory.h"
#include "kernels/device/error.h"
#include "kernels/device/parallel.h"

#include <algorithm>
#include <type_traits>

namespace cuunet {
namespace {

template <class To, class From>
To converted(From value) {
  if constexpr (std::is_same_v<To, bfloat16>)
    return bfloat16(static_cast<float>(value));
  else
    return static_cast<To>(value);
}

// The planes of one image, or of one row of a weight: channels planes of hw elements become hw pixels, of which begin …
// end - 1 are written.
template <class To, class From>
inline void interleave(const From* planes, To* pixels, int64_t channels, int64_t hw, int64_t stride, int64_t begin,
                       int64_t end) {
  for (int64_t i = begin; i < end; ++i) {
    for (int64_t c = 0; c < channels; ++c) pixels[i * stride + c] = converted<To>(planes[c * hw + i]);
  }
}

template <class T, class Value>
void write_elements(const Context& context, const View& view, const Value* in) {
  constexpr int64_t grain = 1 << 15, pixels_at_once = 16;  // 64 bytes of each plane
  T* out = view.as<T>();
  if (view.shape.rank() != 4) {
    parallel_for(context, view.elements(), grain, [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) out[i] = converted<T>(in[i]);
    });
    return;
  }
  int64_t channels = view.c(), hw = view.h() * view.w(), stride = view.pixel_stride;
  int64_t parts = (hw + pixels_at_once - 1) / pixels_at_once;  // of an image
  int64_t part_size = std::max<int64_t>(1, channels * std::min(hw, pixels_at_once));
  parallel_for(context, view.n() * parts, std::max<int64_t>(1, grain / part_size), [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t n = i / parts, first = i % parts * pixels_at_once;
      interleave(in + n * channels * hw, out + n * hw * stride, channels, hw, stride, first,
                 std::min(hw, first + pixels_at_once));
    }
  });
}

template <class Value>
void write(Context& context, const View& view, std::span<const Value> values) {
  if (static_cast<int64_t>(values.size()) != view.elements()) {
    throw ShapeError("a tensor {} takes {} values, got {}", view.shape.text(), view.elements(), values.size());
  }
  HostMemory memory(context, view);
  if (!view.whole()) memory.load();
  visit_any(view.dtype, [&]<class T>(T) { write_elements<T>(context, memory.view, values.data()); });
  memory.store();
}

}  // namespace

void write_values(Context& context, const View& view, std::span<const float> values) { write(context, view, values); }
void write_values(Context& context, const View& view, std::span<const double> values) { write(context, view, values); }

void assign(const Tensor& tensor, std::span<const float> values) {
  write(tensor.context(), tensor.view(), values);
  tensor.mark_changed();
}

}  // namespace cuunet
