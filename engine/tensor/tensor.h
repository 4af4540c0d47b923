// A tensor: a shape, a type and a share of a buffer on a Context's device. Copying a Tensor shares its memory; copies
// of the data are made only by clone(), to_host() and the like. Layout as in kernels/device/view.h.
#pragma once

#include "kernels/device/view.h"

#include <memory>
#include <span>
#include <vector>

namespace cuunet {

class Context;

class Tensor {
 public:
  Tensor() = default;

  // Owners. `empty` leaves the elements undefined but the pad lanes zero.
  static Tensor empty(Context&, const Shape&, DType);
  static Tensor zeros(Context&, const Shape&, DType);
  // From values in PyTorch's order (row-major over the logical shape), converted to `dtype`.
  static Tensor from_host(Context&, const Shape&, DType, std::span<const float> values);
  static Tensor from_host(Context&, const Shape&, DType, std::span<const double> values);

  // The values in PyTorch's order.
  std::vector<double> to_host() const;
  std::vector<float> to_host_f32() const;
  double item() const;                          // of a tensor with one element
  void assign(std::span<const double> values);  // overwrites the elements; PyTorch's order
  // Overwrites a whole f32 tensor's memory, pad lanes and all; values as kernels/device/view.h lays them out.
  void assign_storage(std::span<const float> storage);
  void assign_storage_ahead(std::span<const float> storage);  // see Context::upload_ahead

  bool defined() const { return buffer_ != nullptr; }
  Context& context() const { return *buffer_->context; }
  const Shape& shape() const { return view_.shape; }
  DType dtype() const { return view_.dtype; }
  int64_t elements() const { return view_.elements(); }
  View view() const { return view_; }  // an undefined tensor gives an empty view

  // Channels begin … end-1 of [N, C, H, W], in the same memory. PyTorch: x[:, begin:end].
  Tensor channels(int64_t begin, int64_t end) const;
  // Images begin … end-1 of [N, C, H, W], in the same memory. PyTorch: x[begin:end].
  Tensor images(int64_t begin, int64_t end) const;
  // The same elements under another shape of the same count: shares memory where both are row-major or the layouts
  // agree, else copies. PyTorch: x.reshape(shape).
  Tensor reshape(const Shape&) const;
  Tensor clone() const;                  // an owner with the same elements
  Tensor to(DType) const;                // an owner of another type; itself when the type is the same
  Tensor contiguous() const;             // itself when it is whole, else a clone
  void copy_from(const Tensor& source);  // elements of a tensor of the same shape, converted

  // How often this memory was overwritten after it was made; see autograd's saved tensors.
  int64_t version() const { return buffer_->version; }
  void mark_changed() const { ++buffer_->version; }
  bool shares_memory_with(const Tensor& other) const { return buffer_ == other.buffer_; }
  bool sole_owner() const { return buffer_.use_count() == 1; }

 private:
  struct Buffer {
    Buffer(Context& context_, size_t bytes_);
    ~Buffer();
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    Context* context;
    size_t bytes;
    void* data;
    int64_t version = 0;
  };

  std::shared_ptr<Buffer> buffer_;
  View view_;
};

}  // namespace cuunet
