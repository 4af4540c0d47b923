#include "kernels/loss/pointwise_loss.h"

#include "kernels/device/error.h"

namespace cuunet {

void require_loss_operands(const char* op, ConstView input, ConstView target, ConstView loss) {
  require_same_shape(op, input, target);
  if (loss.elements() != 1 || loss.dtype != loss_dtype(input.dtype)) {
    throw ShapeError("{}: expected one {} for the loss, got {} {}", op, name_of(loss_dtype(input.dtype)),
                     name_of(loss.dtype), loss.shape.text());
  }
}

double read_scalar(ConstView scalar) {
  return scalar.dtype == DType::f64 ? *scalar.as<double>() : static_cast<double>(*scalar.as<float>());
}

void write_scalar(View scalar, double value) {
  if (scalar.dtype == DType::f64)
    *scalar.as<double>() = value;
  else
    *scalar.as<float>() = static_cast<float>(value);
}

}  // namespace cuunet
