// What moving elements between the host and tensors is made of.
#pragma once

#include "kernels/device/context.h"
#include "kernels/device/view.h"

#include <cstdint>
#include <vector>

namespace cuunet {

// Calls visitor with a value of any storage type.
template <class Visitor>
void visit_any(DType dtype, const Visitor& visitor) {
  switch (dtype) {
    case DType::f32: return visitor(float{});
    case DType::bf16: return visitor(bfloat16{});
    case DType::f64: return visitor(double{});
    case DType::i64: return visitor(int64_t{});
    case DType::u8: return visitor(uint8_t{});
  }
}

// A tensor's memory where the host can use it: itself, or a copy to load before reading and to store after writing.
class HostMemory {
 public:
  HostMemory(Context& context, const View& tensor) : view(tensor), context_(context), device_(tensor.data) {
    if (context.memory_is_host() || tensor.elements() == 0) return;
    auto elements = (tensor.rows() - 1) * tensor.pixel_stride + tensor.lanes;
    copy_.resize(static_cast<size_t>(elements) * size_of(tensor.dtype));
    view.data = copy_.data();
  }
  void load() {
    if (!copy_.empty()) context_.download(copy_.data(), device_, copy_.size());
  }
  void store() {
    if (!copy_.empty()) context_.upload(device_, copy_.data(), copy_.size());
  }
  View view;

 private:
  Context& context_;
  void* device_;
  std::vector<char> copy_;
};

}  // namespace cuunet
