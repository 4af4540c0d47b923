#include "engine/tensor/tensor.h"

#include "engine/tensor/host_memory.h"
#include "engine/tensor/host_values.h"
#include "kernels/device/context.h"
#include "kernels/device/copy.h"
#include "kernels/device/error.h"

namespace cuunet {
namespace {

View owner_view(void* data, const Shape& shape, DType dtype) {
  int64_t stride = owner_pixel_stride(shape);
  return {data, dtype, shape, stride, stride};
}

// visit(flat index in PyTorch's order, storage index) for every element.
template <class Visit>
void for_each_element(const View& view, const Visit& visit) {
  if (view.shape.rank() != 4) {
    for (int64_t i = 0; i < view.elements(); ++i) visit(i, i);
    return;
  }
  int64_t flat = 0;
  for (int64_t n = 0; n < view.n(); ++n)
    for (int64_t c = 0; c < view.c(); ++c)
      for (int64_t h = 0; h < view.h(); ++h)
        for (int64_t w = 0; w < view.w(); ++w) visit(flat++, view.offset(n, c, h, w));
}

template <class Value>
std::vector<Value> read_elements(const View& view) {
  std::vector<Value> values(static_cast<size_t>(view.elements()));
  visit_any(view.dtype, [&]<class T>(T) {
    const T* in = view.as<T>();
    for_each_element(view, [&](int64_t i, int64_t at) { values[static_cast<size_t>(i)] = static_cast<Value>(in[at]); });
  });
  return values;
}

template <class Value>
std::vector<Value> read_tensor(Context& context, const View& view) {
  HostMemory memory(context, view);
  memory.load();
  return read_elements<Value>(memory.view);
}

void require_storage(const View& view, std::span<const float> storage) {
  if (view.dtype == DType::f32 && view.whole() && static_cast<int64_t>(storage.size()) == view.storage_elements())
    return;
  throw ShapeError("a whole f32 tensor {} lies in {} values of memory, got {}", view.shape.text(),
                   view.storage_elements(), storage.size());
}

// Whether the elements lie one after the other in PyTorch's order.
bool row_major(const View& view) {
  if (view.shape.rank() != 4) return true;
  bool pixels = view.h() * view.w() == 1 && view.c() == view.pixel_stride;
  return pixels || view.pixel_stride * view.rows() == 0;
}

}  // namespace

Tensor::Buffer::Buffer(Context& context_, size_t bytes_)
    : context(&context_), bytes(bytes_), data(context_.allocate(bytes_)) {}
Tensor::Buffer::~Buffer() { context->release(data, bytes); }

Tensor Tensor::empty(Context& context, const Shape& shape, DType dtype) {
  Tensor tensor;
  auto bytes = static_cast<size_t>(owner_storage_elements(shape)) * size_of(dtype);
  tensor.buffer_ = std::make_shared<Buffer>(context, bytes);
  tensor.view_ = owner_view(tensor.buffer_->data, shape, dtype);
  if (shape.rank() == 4 && shape[1] % 8 != 0) zero_pad_lanes(context, tensor.view_);
  return tensor;
}

Tensor Tensor::zeros(Context& context, const Shape& shape, DType dtype) {
  Tensor tensor = empty(context, shape, dtype);
  fill_zero(context, tensor.view_);
  return tensor;
}

Tensor Tensor::from_host(Context& context, const Shape& shape, DType dtype, std::span<const float> values) {
  Tensor tensor = empty(context, shape, dtype);
  write_values(context, tensor.view_, values);
  return tensor;
}

Tensor Tensor::from_host(Context& context, const Shape& shape, DType dtype, std::span<const double> values) {
  Tensor tensor = empty(context, shape, dtype);
  write_values(context, tensor.view_, values);
  return tensor;
}

std::vector<double> Tensor::to_host() const { return read_tensor<double>(context(), view_); }

std::vector<float> Tensor::to_host_f32() const { return read_tensor<float>(context(), view_); }

double Tensor::item() const {
  if (elements() != 1) throw ShapeError("item() takes a tensor with one element, got {}", shape().text());
  return to_host()[0];
}

void Tensor::assign(std::span<const double> values) {
  write_values(context(), view_, values);
  mark_changed();
}

Tensor Tensor::channels(int64_t begin, int64_t end) const {
  if (shape().rank() != 4 || begin < 0 || begin > end || end > shape()[1]) {
    throw ShapeError("channels {} … {} of a tensor {}", begin, end, shape().text());
  }
  if (begin == 0 && end == shape()[1]) return *this;
  Tensor slice = *this;
  slice.view_.data = static_cast<char*>(view_.data) + static_cast<size_t>(begin) * size_of(dtype());
  slice.view_.shape = {shape()[0], end - begin, shape()[2], shape()[3]};
  // The last slice ends at the owner's stride and takes its pad lanes along.
  slice.view_.lanes = end == shape()[1] ? view_.lanes - begin : end - begin;
  return slice;
}

Tensor Tensor::images(int64_t begin, int64_t end) const {
  if (shape().rank() != 4 || begin < 0 || begin > end || end > shape()[0]) {
    throw ShapeError("images {} … {} of a tensor {}", begin, end, shape().text());
  }
  Tensor slice = *this;
  auto image_elements = shape()[2] * shape()[3] * view_.pixel_stride;
  slice.view_.data = static_cast<char*>(view_.data) + static_cast<size_t>(begin * image_elements) * size_of(dtype());
  slice.view_.shape = {end - begin, shape()[1], shape()[2], shape()[3]};
  return slice;
}

Tensor Tensor::reshape(const Shape& wanted) const {
  if (wanted.elements() != elements()) throw ShapeError("cannot reshape {} to {}", shape().text(), wanted.text());
  if (wanted == shape()) return *this;
  View same = owner_view(view_.data, wanted, dtype());
  if (row_major(view_) && row_major(same)) {
    Tensor result = *this;
    result.view_ = same;
    return result;
  }
  Tensor result = empty(context(), wanted, dtype());
  HostMemory from(context(), view_), to(context(), result.view_);
  from.load();
  to.load();
  visit_any(dtype(), [&]<class T>(T) {
    std::vector<T> values(static_cast<size_t>(elements()));
    for_each_element(from.view, [&](int64_t i, int64_t at) { values[static_cast<size_t>(i)] = from.view.as<T>()[at]; });
    for_each_element(to.view, [&](int64_t i, int64_t at) { to.view.as<T>()[at] = values[static_cast<size_t>(i)]; });
  });
  to.store();
  return result;
}

Tensor Tensor::clone() const {
  Tensor result = empty(context(), shape(), dtype());
  copy(context(), view_, result.view_);
  return result;
}

Tensor Tensor::to(DType wanted) const {
  if (wanted == dtype()) return *this;
  Tensor result = empty(context(), shape(), wanted);
  copy(context(), view_, result.view_);
  return result;
}

Tensor Tensor::contiguous() const {
  return view_.whole() && view_.pixel_stride == owner_pixel_stride(shape()) ? *this : clone();
}

void Tensor::assign_storage(std::span<const float> storage) {
  require_storage(view_, storage);
  context().upload(view_.data, storage.data(), storage.size_bytes());
  mark_changed();
}

void Tensor::assign_storage_ahead(std::span<const float> storage) {
  require_storage(view_, storage);
  context().upload_ahead(view_.data, storage.data(), storage.size_bytes());
  mark_changed();
}

void Tensor::copy_from(const Tensor& source) {
  copy(context(), source.view_, view_);
  mark_changed();
}

}  // namespace cuunet
