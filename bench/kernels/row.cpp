#include "bench/kernels/row.h"

#include "engine/device/host_context.h"
#include "kernels/device/parallel.h"

#include <fmt/format.h>

namespace cuunet::bench {
namespace {

// Numbers that repeat with a long odd period are as good as random ones for time, and cheap for 100 MB.
void fill(Context& context, View y) {
  visit_float(y.dtype, [&]<class T>(T) {
    int64_t stride = y.shape.rank() == 4 ? y.pixel_stride : y.columns(), columns = y.columns();
    parallel_for(context, y.rows() * columns, 1 << 14, [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        auto mixed = static_cast<uint32_t>(i) * 2654435761u;
        y.as<T>()[i / columns * stride + i % columns] = static_cast<T>(static_cast<float>(mixed >> 8) * 0x1p-23f - 1);
      }
    });
  });
}

}  // namespace

std::string at(const Picture& p) { return fmt::format("@{}px", p.px); }

View Operands::in(const Shape& shape, DType dtype) {
  View y = out(shape, dtype);
  if (dtype == DType::u8 || dtype == DType::i64) return y;
  if (context_.device() == Device::cpu) {
    fill(context_, y);
    return y;
  }
  static HostContext host;
  Tensor filled = Tensor::zeros(host, shape, dtype);
  fill(host, filled.view());
  context_.upload(y.data, filled.view().data, static_cast<size_t>(y.storage_elements()) * size_of(dtype));
  return y;
}

View Operands::out(const Shape& shape, DType dtype) {
  tensors_.push_back(Tensor::zeros(context_, shape, dtype));
  bytes_ += static_cast<double>(tensors_.back().view().storage_elements()) * static_cast<double>(size_of(dtype));
  return tensors_.back().view();
}

std::vector<Row>& table() {
  static std::vector<Row> rows;
  return rows;
}

void row(Row row) { table().push_back(std::move(row)); }

}  // namespace cuunet::bench
