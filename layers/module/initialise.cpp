#include "layers/module/initialise.h"

#include "kernels/device/error.h"
#include "kernels/device/philox.h"

#include <cmath>
#include <vector>

namespace cuunet {
namespace {

// FNV-1a 64 of a parameter's path, folded into the two words that name its stream.
RandomStream stream_of(uint64_t seed, const std::string& path) {
  uint64_t hash = 0xcbf29ce484222325ull;
  for (unsigned char c : path) hash = (hash ^ c) * 0x100000001b3ull;
  return RandomStream(seed, Purpose::initialisation, static_cast<uint32_t>(hash >> 32), static_cast<uint32_t>(hash));
}

std::vector<double> normal_values(const Tensor& tensor, double deviation, uint64_t seed, const std::string& path) {
  RandomStream stream = stream_of(seed, path);
  std::vector<double> values(static_cast<size_t>(tensor.elements()));
  for (double& value : values) value = deviation * stream.normal();
  return values;
}

}  // namespace

void kaiming_normal(Tensor& weight, Fan fan, uint64_t seed, const std::string& path) {
  const Shape& shape = weight.shape();
  double receptive = static_cast<double>(shape.elements()) / static_cast<double>(shape[0] * shape[1]);
  double count = receptive * static_cast<double>(fan == Fan::in ? shape[1] : shape[0]);
  fill_normal(weight, std::sqrt(2.0 / count), seed, path);
}

void fill_normal(Tensor& weight, double deviation, uint64_t seed, const std::string& path) {
  weight.assign(normal_values(weight, deviation, seed, path));
}

uint64_t seed_of(uint64_t seed, const std::string& path) {
  RandomStream stream = stream_of(seed, path);
  uint64_t high = stream.word();
  return high << 32 | stream.word();
}

void fill_uniform(Tensor& tensor, double bound, uint64_t seed, const std::string& path) {
  RandomStream stream = stream_of(seed, path);
  std::vector<double> values(static_cast<size_t>(tensor.elements()));
  for (double& value : values) value = stream.uniform(-bound, bound);
  tensor.assign(values);
}

void fill_constant(Tensor& tensor, double value) {
  tensor.assign(std::vector<double>(static_cast<size_t>(tensor.elements()), value));
}

void fill_unit(Tensor& vector, uint64_t seed, const std::string& path) {
  std::vector<double> values = normal_values(vector, 1.0, seed, path);
  double squares = 0;
  for (double value : values) squares += value * value;
  for (double& value : values) value /= std::sqrt(squares);
  vector.assign(values);
}

void icnr(const Tensor& base, Tensor& kernel) {
  const Shape &from = base.shape(), &to = kernel.shape();
  if (to[0] != 4 * from[0] || to[1] != from[1] || to[2] != from[2] || to[3] != from[3]) {
    throw ShapeError("icnr expects a kernel of 4 times the base's rows, got base {} and kernel {}", from.text(),
                     to.text());
  }
  std::vector<double> rows = base.to_host(), values(static_cast<size_t>(kernel.elements()));
  size_t row = rows.size() / static_cast<size_t>(from[0]);
  for (size_t i = 0; i < values.size(); ++i) values[i] = rows[i / (4 * row) * row + i % row];
  kernel.assign(values);
}

}  // namespace cuunet
