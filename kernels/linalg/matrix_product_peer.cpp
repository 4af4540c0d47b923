#include "kernels/linalg/matrix_product_peer.h"

#include <fmt/format.h>

namespace cuunet {

std::string matrix_product_key(const char* op, const Context& context, const PeerProduct& p) {
  bool tf32 = context.allow_tf32 && p.a.dtype == DType::f32;
  auto order = [](const ConstMatrix& m) { return m.column_stride == 1 ? "" : " transposed"; };
  return fmt::format("{} {} [{}, {}]{} · [{}, {}]{} × {} to {}", op, tf32 ? "tf32" : name_of(p.a.dtype), p.a.rows,
                     p.a.columns, order(p.a), p.b.rows, p.b.columns, order(p.b), p.batches, name_of(p.y.dtype));
}

}  // namespace cuunet
