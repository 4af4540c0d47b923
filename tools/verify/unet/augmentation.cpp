#include "tools/verify/augmentation_case.h"
#include "tools/verify/unet/unet.h"

namespace cuunet {
namespace {

template <class T>
void compare(NetworkCase& one) {
  for (const auto& [name, values] : run<T>(parse_augmentation_case(one.definition.json()))) {
    one.comparison.values(name, std::vector<double>(values.begin(), values.end()));
  }
}

}  // namespace

void run_augmentation_case(NetworkCase& one) {
  if (one.dtype() == DType::f64)
    compare<double>(one);
  else
    compare<float>(one);
}

}  // namespace cuunet
