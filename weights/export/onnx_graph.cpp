#include "weights/export/onnx_graph.h"

#include "engine/tensor/dimensions.h"
#include "engine/version.h"
#include "kernels/device/error.h"
#include "weights/export/protobuf_message.h"

#include <algorithm>
#include <span>

namespace cuunet {
namespace {

// The fields' numbers are those of onnx/onnx.proto.

constexpr int64_t ir_version = 8;  // of opset 17
constexpr int64_t float_elements = 1, int64_elements = 7;

ProtobufMessage dimension(const OnnxDimension& size) {
  ProtobufMessage message;
  if (const auto* known = std::get_if<int64_t>(&size)) return message.integer(1, *known);
  return message.text(2, std::get<std::string>(size));
}

ProtobufMessage value_info(const std::string& name, const std::vector<OnnxDimension>& sizes) {
  ProtobufMessage shape;
  for (const OnnxDimension& size : sizes) shape.message(1, dimension(size));
  ProtobufMessage tensor = ProtobufMessage().integer(1, float_elements).message(2, shape);
  return ProtobufMessage().text(1, name).message(2, ProtobufMessage().message(1, tensor));
}

ProtobufMessage attribute_message(const OnnxAttribute& attribute) {
  constexpr int64_t kind_float = 1, kind_int = 2, kind_string = 3, kind_ints = 7;
  ProtobufMessage message;
  message.text(1, attribute.name);
  if (const auto* integer = std::get_if<int64_t>(&attribute.value))
    return message.integer(3, *integer).integer(20, kind_int);
  if (const auto* real = std::get_if<float>(&attribute.value)) return message.real(2, *real).integer(20, kind_float);
  if (const auto* text = std::get_if<std::string>(&attribute.value))
    return message.text(4, *text).integer(20, kind_string);
  for (int64_t value : std::get<std::vector<int64_t>>(attribute.value)) message.integer(8, value);
  return message.integer(20, kind_ints);
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  auto bytes = std::as_bytes(std::span(values));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string field_head(int field, uint64_t length) { return ProtobufMessage().begin(field, length).bytes(); }

}  // namespace

std::string OnnxGraph::unused(const std::string& name) {
  std::string candidate = name;
  for (int i = 1; !names_.insert(candidate).second; ++i) candidate = fmt::format("{}_{}", name, i);
  return candidate;
}

void OnnxGraph::input(const std::string& name, const std::vector<OnnxDimension>& shape) {
  inputs_.push_back({unused(name), shape});
}

void OnnxGraph::output(const std::string& value, const std::string& name, const std::vector<OnnxDimension>& shape) {
  names_.insert(name);
  for (Node& node : nodes_) {
    std::replace(node.inputs.begin(), node.inputs.end(), value, name);
    if (node.output == value) node.output = name;
  }
  outputs_.push_back({name, shape});
}

std::string OnnxGraph::node(const std::string& place, const std::string& operation,
                            const std::vector<std::string>& inputs, const std::vector<OnnxAttribute>& attributes) {
  std::string output = unused(place.empty() ? operation : place + "/" + operation);
  nodes_.push_back({operation, output, inputs, attributes});
  return output;
}

std::string OnnxGraph::add(Constant constant) {
  constant.name = unused(constant.name);
  constants_.push_back(std::move(constant));
  return constants_.back().name;
}

std::string OnnxGraph::constant(const std::string& name, const Tensor& tensor) {
  return add({name, dimensions_of(tensor.shape()), float_elements, tensor, ""});
}

std::string OnnxGraph::constant(const std::string& name, const std::vector<float>& values) {
  return add({name, {static_cast<int64_t>(values.size())}, float_elements, {}, bytes_of(values)});
}

std::string OnnxGraph::constant(const std::string& name, const std::vector<int64_t>& values) {
  return add({name, {static_cast<int64_t>(values.size())}, int64_elements, {}, bytes_of(values)});
}

uint64_t OnnxGraph::Constant::value_bytes() const {
  return tensor.defined() ? static_cast<uint64_t>(tensor.elements()) * sizeof(float) : bytes.size();
}

std::string OnnxGraph::Constant::head() const {
  ProtobufMessage message;
  for (int64_t extent : shape) message.integer(1, extent);
  return message.integer(2, type).text(8, name).begin(9, value_bytes()).bytes();
}

std::string OnnxGraph::graph_head(const std::string& name) const {
  ProtobufMessage graph;
  for (const Node& node : nodes_) {
    ProtobufMessage message;
    for (const std::string& input : node.inputs) message.text(1, input);
    message.text(2, node.output).text(3, node.output).text(4, node.operation);
    for (const OnnxAttribute& attribute : node.attributes) message.message(5, attribute_message(attribute));
    graph.message(1, message);
  }
  graph.text(2, name);
  for (const Port& port : inputs_) graph.message(11, value_info(port.name, port.shape));
  for (const Port& port : outputs_) graph.message(12, value_info(port.name, port.shape));
  return graph.bytes();
}

// The constants' values go from their tensors to the file one at a time; so that the lengths that stand before them are
// known, they are counted first.
void OnnxGraph::write(const std::filesystem::path& path, const Header& header, Existing existing) const {
  std::string graph = graph_head(header.name);
  uint64_t graph_bytes = graph.size();
  for (const Constant& constant : constants_) {
    graph_bytes += field_head(5, constant.file_bytes()).size() + constant.file_bytes();
  }
  ProtobufMessage model;
  model.integer(1, ir_version).text(2, "cuunet").text(3, version).text(6, header.text);
  model.message(8, ProtobufMessage().text(1, "").integer(2, onnx_opset));
  for (const auto& [key, value] : header.metadata) model.message(14, ProtobufMessage().text(1, key).text(2, value));
  model.begin(7, graph_bytes);
  if (uint64_t bytes = model.bytes().size() + graph_bytes; bytes >= uint64_t{1} << 31) {
    throw FileError(
        "{}: an ONNX file holds less than 2 GiB, this network takes {:.2f}; keep it as .safetensors or .pth",
        path.string(), static_cast<double>(bytes) / (1 << 30));
  }

  AtomicFile file(path, existing);
  auto write_text = [&](const std::string& bytes) { file.write(bytes.data(), bytes.size()); };
  write_text(model.bytes() + graph);
  for (const Constant& constant : constants_) {
    write_text(field_head(5, constant.file_bytes()) + constant.head());
    write_text(constant.tensor.defined() ? bytes_of(constant.tensor.to_host_f32()) : constant.bytes);
  }
  file.commit();
}

}  // namespace cuunet
