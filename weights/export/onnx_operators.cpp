// Each differentiable operator in the words of ONNX. docs/Operators.md of github.com/onnx/onnx
#include "kernels/activation/sigmoid.h"
#include "kernels/conv/conv2d.h"
#include "kernels/conv/conv_transpose2d.h"
#include "kernels/device/error.h"
#include "kernels/pool/max_pool2d.h"
#include "weights/export/onnx_trace.h"

#include "autograd/ops/norm.h"
#include "autograd/ops/resample.h"

#include <map>

namespace cuunet {
namespace onnx {
namespace {

using Strings = std::vector<std::string>;
using Integers = std::vector<int64_t>;

Integers kernel_of(const Shape& weight) { return {weight[2], weight[3]}; }
Integers twice(int64_t value) { return {value, value}; }
Integers four_times(int64_t value) { return {value, value, value, value}; }

// What kernels/device/padding.h calls zeros, reflect and replicate.
const char* onnx_name(PaddingMode mode) {
  switch (mode) {
    case PaddingMode::zeros: return "constant";
    case PaddingMode::reflect: return "reflect";
    case PaddingMode::replicate: return "edge";
  }
  return "";
}

std::string pad(TracedCall& call, const std::string& x, PaddingMode mode, int64_t before, int64_t after) {
  Integers pads{0, 0, before, before, 0, 0, after, after};
  return call.node("Pad", {x, call.constant("pads", pads)}, {{"mode", onnx_name(mode)}});
}

Strings with_weights(TracedCall& call, const std::string& x) {
  Strings inputs{x, call.in(1, "weight")};
  if (call.has(2)) inputs.push_back(call.in(2, "bias"));
  return inputs;
}

std::string conv2d(TracedCall& call) {
  const auto& params = call.parameters<Conv2dParams>();
  std::string x = call.in(0);
  int64_t padding = params.padding;
  if (padding > 0 && params.padding_mode != PaddingMode::zeros) {
    x = pad(call, x, params.padding_mode, padding, padding);
    padding = 0;
  }
  std::string y = call.node(
      "Conv", with_weights(call, x),
      {{"kernel_shape", kernel_of(call.shape(1))}, {"strides", twice(params.stride)}, {"pads", four_times(padding)}});
  return params.relu ? call.node("Relu", {y}) : y;
}

std::string conv_transpose2d(TracedCall& call) {
  const auto& params = call.parameters<ConvTranspose2dParams>();
  return call.node("ConvTranspose", with_weights(call, call.in(0)),
                   {{"kernel_shape", kernel_of(call.shape(1))},
                    {"strides", twice(params.stride)},
                    {"pads", four_times(params.padding)}});
}

std::string linear(TracedCall& call) {
  return call.node("Gemm", with_weights(call, call.in(0)), {{"transB", int64_t{1}}});
}

std::string batch_norm(TracedCall& call) {
  const auto& state = call.parameters<BatchNormCall>();
  if (state.params.training) throw Error("a batch norm in training mode has no place in an ONNX file");
  return call.node("BatchNormalization",
                   {call.in(0), call.in(1, "weight"), call.in(2, "bias"),
                    call.constant("running_mean", state.running_mean), call.constant("running_var", state.running_var)},
                   {{"epsilon", static_cast<float>(state.params.eps)}});
}

std::string instance_norm(TracedCall& call) {
  auto channels = static_cast<size_t>(call.shape(0)[1]);
  return call.node("InstanceNormalization",
                   {call.in(0), call.constant("ones", std::vector<float>(channels, 1)),
                    call.constant("zeros", std::vector<float>(channels, 0))},
                   {{"epsilon", static_cast<float>(call.parameters<double>())}});
}

std::string leaky_relu(TracedCall& call) {
  return call.node("LeakyRelu", {call.in(0)}, {{"alpha", static_cast<float>(call.parameters<double>())}});
}

std::string sigmoid(TracedCall& call) {
  auto [low, high] = call.parameters<SigmoidBounds>();
  std::string y = call.node("Sigmoid", {call.in(0)});
  if (low == 0 && high == 1) return y;
  y = call.node("Mul", {y, call.constant("range", std::vector<float>{static_cast<float>(high - low)})});
  return call.node("Add", {y, call.constant("low", std::vector<float>{static_cast<float>(low)})});
}

std::string concat(TracedCall& call) {
  Strings inputs;
  for (size_t i = 0; i < call.inputs(); ++i) inputs.push_back(call.in(i));
  return call.node("Concat", inputs, {{"axis", int64_t{1}}});
}

std::string max_pool2d(TracedCall& call) {
  const auto& params = call.parameters<MaxPoolParams>();
  return call.node("MaxPool", {call.in(0)},
                   {{"kernel_shape", twice(params.kernel)},
                    {"strides", twice(params.stride)},
                    {"pads", four_times(params.padding)}});
}

std::string blurred(TracedCall& call, const std::string& x) {
  return call.node("AveragePool", {pad(call, x, PaddingMode::replicate, 1, 0)},
                   {{"kernel_shape", twice(2)}, {"strides", twice(1)}});
}

// PyTorch's order of channels: column, row, depth from the fastest.
std::string shuffled(TracedCall& call, int64_t factor) {
  return call.node("DepthToSpace", {call.in(0)}, {{"blocksize", factor}, {"mode", "CRD"}});
}

// The source of output d is floor(d · in/out) for nearest, and (d + ½) · in/out - ½ for bilinear.
std::vector<OnnxAttribute> resize_attributes(Interpolation kind) {
  if (kind == Interpolation::nearest) {
    return {{"mode", "nearest"}, {"coordinate_transformation_mode", "asymmetric"}, {"nearest_mode", "floor"}};
  }
  bool corners = kind == Interpolation::bilinear_align_corners;
  return {{"mode", "linear"}, {"coordinate_transformation_mode", corners ? "align_corners" : "half_pixel"}};
}

std::string part_of_shape(TracedCall& call, const std::string& x, int64_t first, int64_t last) {
  return call.node("Shape", {x}, {{"start", first}, {"end", last}});
}

std::string resized(TracedCall& call, const std::string& height_and_width) {
  std::string x = call.in(0);
  std::string sizes = call.node("Concat", {part_of_shape(call, x, 0, 2), height_and_width}, {{"axis", int64_t{0}}});
  return call.node("Resize", {x, "", "", sizes}, resize_attributes(call.parameters<InterpolateCall>().kind));
}

std::string interpolate(TracedCall& call) {
  const auto& params = call.parameters<InterpolateCall>();
  return resized(call, call.constant("size", Integers{params.height, params.width}));
}

std::string interpolate_like(TracedCall& call) { return resized(call, part_of_shape(call, call.in(1), 2, 4)); }

std::string upsample(TracedCall& call) {
  const auto& params = call.parameters<InterpolateCall>();
  auto factor = static_cast<float>(params.factor);
  return call.node("Resize", {call.in(0), "", call.constant("scales", std::vector<float>{1, 1, factor, factor})},
                   resize_attributes(params.kind));
}

// [N, C, H, W] → [N, C, H·W]
std::string in_a_row(TracedCall& call, size_t i) {
  return call.node("Reshape", {call.in(i), call.constant("positions", Integers{0, 0, -1})});
}
std::string turned(TracedCall& call, const std::string& x) {
  return call.node("Transpose", {x}, {{"perm", Integers{0, 2, 1}}});
}

// Inputs: query, key, value, gamma, x. With one row per position of the key, the softmax over the query's positions
// goes along the last axis, where runtimes are fast.
std::string self_attention(TracedCall& call) {
  std::string scores = call.node("MatMul", {turned(call, in_a_row(call, 1)), in_a_row(call, 0)});  // [N, L, L]
  std::string attention = call.node("Softmax", {scores}, {{"axis", int64_t{-1}}});
  std::string mixed = call.node("MatMul", {attention, turned(call, in_a_row(call, 2))});                 // [N, L, C]
  std::string map = call.node("Reshape", {turned(call, mixed), part_of_shape(call, call.in(4), 0, 4)});  // [N, C, H, W]
  return call.node("Add", {call.node("Mul", {map, call.in(3, "gamma")}), call.in(4)});
}

template <auto Write>
std::string then_relu(TracedCall& call) {
  return call.node("Relu", {Write(call)});
}

std::string add(TracedCall& call) { return call.node("Add", {call.in(0), call.in(1)}); }
std::string relu(TracedCall& call) { return call.node("Relu", {call.in(0)}); }
std::string tanh(TracedCall& call) { return call.node("Tanh", {call.in(0)}); }
std::string blur(TracedCall& call) { return blurred(call, call.in(0)); }
std::string pixel_shuffle(TracedCall& call) { return shuffled(call, call.parameters<int>()); }
std::string shuffle_blur(TracedCall& call) { return blurred(call, shuffled(call, 2)); }
std::string flatten(TracedCall& call) { return call.node("Flatten", {call.in(0)}, {{"axis", int64_t{1}}}); }
std::string adaptive_avg_pool2d(TracedCall& call) { return call.node("GlobalAveragePool", {call.in(0)}); }

const std::map<std::string, std::string (*)(TracedCall&)>& operators() {
  static const std::map<std::string, std::string (*)(TracedCall&)> all{
      {"adaptive_avg_pool2d", adaptive_avg_pool2d},
      {"add", add},
      {"add_relu", then_relu<add>},
      {"batch_norm", batch_norm},
      {"batch_norm_relu", then_relu<batch_norm>},
      {"blur", blur},
      {"concat", concat},
      {"concat_relu", then_relu<concat>},
      {"conv2d", conv2d},
      {"conv_transpose2d", conv_transpose2d},
      {"flatten", flatten},
      {"instance_norm", instance_norm},
      {"interpolate", interpolate},
      {"interpolate_like", interpolate_like},
      {"leaky_relu", leaky_relu},
      {"linear", linear},
      {"max_pool2d", max_pool2d},
      {"pixel_shuffle", pixel_shuffle},
      {"relu", relu},
      {"self_attention", self_attention},
      {"shuffle_blur", shuffle_blur},
      {"sigmoid", sigmoid},
      {"tanh", tanh},
      {"upsample", upsample},
  };
  return all;
}

}  // namespace
}  // namespace onnx

std::string write_onnx_operator(const char* name, TracedCall& call) {
  auto found = onnx::operators().find(name);
  if (found == onnx::operators().end()) {
    throw Error("the operator {} has no equal in the ONNX files that are written here", name);
  }
  return found->second(call);
}

}  // namespace cuunet
