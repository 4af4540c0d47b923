// The loop of an optimiser's step on the CPU: over all stored elements of a parameter, pad lanes included.
#pragma once

#include "kernels/device/elementwise.h"
#include "kernels/device/error.h"

namespace cuunet {

// Throws a ShapeError unless both are whole and agree in shape and type.
inline void require_step_operands(const char* optimizer, ConstView parameter, ConstView other) {
  require_same_shape(optimizer, parameter, other);
  if (parameter.storage_elements() != other.storage_elements()) {
    throw ShapeError("{}: parameter, gradient and state must be whole tensors, not slices", optimizer);
  }
}

// body(T(), begin, end) over parts of the storage, T float or double.
template <class Body>
void for_each_parameter(Context& context, ConstView parameter, const Body& body) {
  auto run = [&]<class T>(T type) {
    parallel_for(context, parameter.storage_elements(), elementwise::grain,
                 [=](int64_t begin, int64_t end) { body(type, begin, end); });
  };
  if (parameter.dtype == DType::f64)
    run(double{});
  else if (parameter.dtype == DType::f32)
    run(float{});
  else
    throw ShapeError("parameters are f32 or f64, got {}", name_of(parameter.dtype));
}

}  // namespace cuunet
