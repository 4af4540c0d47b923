#include "kernels/device/copy.h"

#include "kernels/device/elementwise.h"

#include <cstring>

namespace cuunet {
namespace {

constexpr int64_t grain_bytes = 1 << 18;

// body(first byte of the row, row) for every row of a view.
void zero_range(Context& context, View y, int64_t first_column) {
  auto size = static_cast<int64_t>(size_of(y.dtype));
  int64_t lanes = y.shape.rank() == 4 ? y.lanes : y.columns();
  int64_t bytes = (lanes - first_column) * size;
  if (bytes <= 0) return;
  int64_t stride = y.shape.rank() == 4 ? y.pixel_stride * size : 0;
  char* base = static_cast<char*>(y.data) + first_column * size;
  parallel_for(context, y.rows(), std::max<int64_t>(1, grain_bytes / bytes), [=](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) std::memset(base + r * stride, 0, static_cast<size_t>(bytes));
  });
}

template <class To, class From>
inline To converted(From value) {
  if constexpr (std::is_same_v<From, double> && std::is_same_v<To, bfloat16>)
    return To(static_cast<float>(value));
  else
    return static_cast<To>(value);
}

template <class From, class To>
void convert(Context& context, ConstView x, View y) {
  int64_t columns = y.columns(), lanes = y.shape.rank() == 4 ? y.lanes : columns;
  parallel_for(context, y.rows(), std::max<int64_t>(1, elementwise::grain / std::max<int64_t>(1, columns)),
               [=](int64_t begin, int64_t end) {
                 for (int64_t r = begin; r < end; ++r) {
                   const From* in = x.as<From>() + r * x.pixel_stride;
                   To* out = y.as<To>() + r * y.pixel_stride;
                   if constexpr (std::is_same_v<From, To>) {
                     std::memcpy(out, in, static_cast<size_t>(columns) * sizeof(To));
                   } else {
                     for (int64_t c = 0; c < columns; ++c) out[c] = converted<To>(in[c]);
                   }
                   for (int64_t c = columns; c < lanes; ++c) out[c] = To{};
                 }
               });
}

void copy_on_cpu(Context& context, ConstView x, View y) {
  if (!(x.shape == y.shape)) throw ShapeError("copy expects {}, got {}", y.shape.text(), x.shape.text());
  if (x.dtype == y.dtype && size_of(x.dtype) == 8 && x.dtype == DType::i64)
    return convert<int64_t, int64_t>(context, x, y);
  if (x.dtype == DType::u8 && y.dtype == DType::u8) return convert<uint8_t, uint8_t>(context, x, y);
  visit_float(x.dtype,
              [&]<class From>(From) { visit_float(y.dtype, [&]<class To>(To) { convert<From, To>(context, x, y); }); });
}

const Implementation fill_zero_on_cpu{fill_zero, Device::cpu, [](Context& c, View y) { zero_range(c, y, 0); }};
const Implementation zero_pad_on_cpu{zero_pad_lanes, Device::cpu,
                                     [](Context& c, View y) { zero_range(c, y, y.columns()); }};
const Implementation copy_implementation{copy, Device::cpu, copy_on_cpu};

}  // namespace
}  // namespace cuunet
