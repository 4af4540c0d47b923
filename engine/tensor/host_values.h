// Values of the host, in PyTorch's order, into a tensor's memory: converted, interleaved to pixels of channels where
// the tensor has four dimensions, on the context's threads.
#pragma once

#include "engine/tensor/tensor.h"

#include <span>

namespace cuunet {

// Overwrites the elements of a view of the context's memory. ShapeError: another number of values.
void write_values(Context& context, const View& view, std::span<const float> values);
void write_values(Context& context, const View& view, std::span<const double> values);

// Tensor::assign without the detour through doubles.
void assign(const Tensor& tensor, std::span<const float> values);

}  // namespace cuunet
