#include "tools/conversion/onnx_parity.h"

#include "engine/tensor/dimensions.h"
#include "kernels/device/error.h"
#include "layers/module/initialise.h"
#include "tools/conversion/onnx_runtime.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace cuunet {
namespace {

NamedArray array_of(const std::string& name, const Tensor& tensor) {
  return {name, dimensions_of(tensor.shape()), tensor.to_host_f32()};
}

// A NaN on either side stays.
OnnxParity::Row compare(PictureSize size, const NamedArray& ours, const NamedArray& theirs,
                        const std::filesystem::path& onnx) {
  if (ours.name != theirs.name || ours.shape != theirs.shape || ours.values.size() != theirs.values.size()) {
    throw Error("{}: ONNX Runtime gives {} [{}], expected {} [{}]; please report it", onnx.string(), theirs.name,
                fmt::join(theirs.shape, ", "), ours.name, fmt::join(ours.shape, ", "));
  }
  OnnxParity::Row row{.size = size, .output = ours.name, .shape = ours.shape, .difference = 0, .largest = 0};
  for (size_t i = 0; i < ours.values.size(); ++i) {
    double value = ours.values[i], apart = std::abs(value - static_cast<double>(theirs.values[i]));
    if (!(apart <= row.difference)) row.difference = apart;
    if (std::isnan(apart)) break;
    row.largest = std::max(row.largest, std::abs(value));
  }
  return row;
}

}  // namespace

double OnnxParity::worst() const {
  double worst = 0;
  for (const Row& row : rows) {
    if (!(row.share() <= worst)) worst = row.share();
    if (std::isnan(worst)) break;
  }
  return worst;
}

std::vector<PictureSize> parity_sizes(const LoadedNetwork& network, const std::vector<PictureSize>& wanted) {
  PictureSizes taken = network.picture_sizes();
  PictureSize own{taken.height, taken.width};
  if (wanted.empty() && taken.fixed) return {own};
  if (wanted.empty()) return {own, {taken.height + taken.multiple, taken.width + 3 * taken.multiple}};
  for (auto [height, width] : wanted) {
    if (taken.fixed ? PictureSize{height, width} == own : height > 0 && width > 0) continue;
    throw UsageError("--check-sizes {}x{} (height x width): the network takes {}", height, width, taken.text());
  }
  return wanted;
}

OnnxParity compare_with_onnx_runtime(LoadedNetwork& network, const std::filesystem::path& onnx,
                                     const std::vector<PictureSize>& sizes, uint64_t seed) {
  Context& context = network.module->placement().context;
  int64_t channels = network.picture_sizes().channels;
  NoGrad no_grad;
  std::vector<std::vector<NamedArray>> inputs, ours;
  for (auto [height, width] : sizes) {
    std::vector<Var> drawn;
    std::vector<NamedArray>& given = inputs.emplace_back();
    for (const std::string& name : network.input_names()) {
      Tensor input = Tensor::zeros(context, {2, channels, height, width}, DType::f32);
      fill_uniform(input, 1, seed, fmt::format("onnx/{}/{}x{}", name, height, width));
      given.push_back(array_of(name, input));
      drawn.emplace_back(input);
    }
    std::vector<NamedArray>& outputs = ours.emplace_back();
    for (const auto& [name, value] : network(drawn)) outputs.push_back(array_of(name, value.value()));
  }
  OnnxRuntimeResults theirs = run_onnx_runtime(onnx, inputs, context.threads());
  OnnxParity parity{.runtime = theirs.version, .rows = {}};
  for (size_t i = 0; i < ours.size(); ++i) {
    bool complete = theirs.runs.size() == ours.size() && theirs.runs[i].size() == ours[i].size();
    if (!complete) throw Error("{}: ONNX Runtime gives another number of outputs than expected", onnx.string());
    for (size_t k = 0; k < ours[i].size(); ++k) {
      parity.rows.push_back(compare(sizes[i], ours[i][k], theirs.runs[i][k], onnx));
    }
  }
  return parity;
}

}  // namespace cuunet
