#include "weights/mapping/folding.h"

#include "kernels/device/error.h"

#include <cmath>
#include <functional>
#include <map>
#include <set>

namespace cuunet {
namespace {

// How a norm names its parts, behind the layer's name; `second` and `third` belong to `first`.
struct Kind {
  const char *first, *second, *third;  // third: null for weight norm
};
constexpr Kind kinds[] = {
    {"weight_orig", "weight_u", "weight_v"},
    {"weight_g", "weight_v", nullptr},
    {"parametrizations.weight.original", "parametrizations.weight.0._u", "parametrizations.weight.0._v"},
    {"parametrizations.weight.original0", "parametrizations.weight.original1", nullptr},
};

int64_t elements_behind(const std::vector<int64_t>& shape, size_t dimension) {
  int64_t product = 1;
  for (size_t i = dimension + 1; i < shape.size(); ++i) product *= shape[i];
  return product;
}

// Calls visit(index along `dimension`, index within the rest, place), row-major.
void each(const std::vector<int64_t>& shape, size_t dimension, int64_t elements,
          const std::function<void(size_t, size_t, size_t)>& visit) {
  int64_t inner = elements_behind(shape, dimension), extent = shape[dimension];
  for (int64_t i = 0; i < elements; ++i) {
    int64_t row = i / inner % extent, column = i / (inner * extent) * inner + i % inner;
    visit(static_cast<size_t>(row), static_cast<size_t>(column), static_cast<size_t>(i));
  }
}

// g: as many dimensions as v, all but one of them 1; or a single number.
StoredTensor fold_weight_norm(const std::string& name, const StoredTensor& g, const StoredTensor& v,
                              OwnedTensors& owned) {
  std::vector<double> gain = to_doubles(g), w = to_doubles(v);
  size_t dimension = 0;
  for (size_t i = 0; i < g.shape.size(); ++i) {
    if (g.shape[i] != 1) dimension = i;
  }
  bool one = gain.size() == 1 && !v.shape.empty() && v.shape[0] != 1;  // one norm of the whole weight
  bool fits = !v.shape.empty() && (one || static_cast<int64_t>(gain.size()) == v.shape[dimension]);
  if (!fits) throw Error("{}: {} gains don't fit a weight of {} elements", name, gain.size(), w.size());
  std::vector<double> squares(gain.size(), 0);
  auto row_of = [&](size_t row) { return one ? 0 : row; };
  each(v.shape, dimension, v.elements(), [&](size_t row, size_t, size_t i) { squares[row_of(row)] += w[i] * w[i]; });
  each(v.shape, dimension, v.elements(),
       [&](size_t row, size_t, size_t i) { w[i] *= gain[row_of(row)] / std::sqrt(squares[row_of(row)]); });
  return owned.add(name, v.type, v.shape, w);
}

StoredTensor fold_spectral_norm(const std::string& name, const StoredTensor& original, const StoredTensor& u,
                                const StoredTensor& v, OwnedTensors& owned) {
  std::vector<double> w = to_doubles(original), left = to_doubles(u), right = to_doubles(v);
  // Rows are output channels: the first dimension, or the second of a transposed convolution.
  size_t dimension = 0;
  auto fits = [&](size_t d) {
    return d < original.shape.size() && u.elements() == original.shape[d] &&
           u.elements() * v.elements() == original.elements();
  };
  while (dimension < 2 && !fits(dimension)) ++dimension;
  if (dimension == 2) {
    throw Error("{}: u of {} and v of {} elements don't fit a weight of {}", name, left.size(), right.size(), w.size());
  }
  double sigma = 0;
  each(original.shape, dimension, original.elements(),
       [&](size_t row, size_t column, size_t i) { sigma += left[row] * w[i] * right[column]; });
  for (double& value : w) value /= sigma;
  return owned.add(name, original.type, original.shape, w);
}

}  // namespace

std::vector<StoredTensor> fold_norms(const std::vector<StoredTensor>& tensors, OwnedTensors& owned) {
  std::map<std::string, const StoredTensor*> by_name;
  for (const StoredTensor& tensor : tensors) by_name.emplace(tensor.name, &tensor);
  auto find = [&](const std::string& name) {
    auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : found->second;
  };
  std::set<std::string> parts;
  std::map<std::string, StoredTensor> folded;  // by the name of the first part
  for (const StoredTensor& tensor : tensors) {
    for (const Kind& kind : kinds) {
      if (!tensor.name.ends_with(kind.first)) continue;
      std::string layer = tensor.name.substr(0, tensor.name.size() - std::string_view(kind.first).size());
      if (!layer.empty() && layer.back() != '.') continue;
      const StoredTensor* second = find(layer + kind.second);
      const StoredTensor* third = kind.third == nullptr ? nullptr : find(layer + kind.third);
      if (second == nullptr || (kind.third != nullptr && third == nullptr)) continue;
      StoredTensor weight = third == nullptr ? fold_weight_norm(layer + "weight", tensor, *second, owned)
                                             : fold_spectral_norm(layer + "weight", tensor, *second, *third, owned);
      folded.emplace(tensor.name, std::move(weight));
      parts.insert(second->name);
      if (third != nullptr) parts.insert(third->name);
    }
  }
  std::vector<StoredTensor> all;
  for (const StoredTensor& tensor : tensors) {
    auto weight = folded.find(tensor.name);
    if (weight != folded.end())
      all.push_back(weight->second);
    else if (!parts.contains(tensor.name))
      all.push_back(tensor);
  }
  return all;
}

}  // namespace cuunet
