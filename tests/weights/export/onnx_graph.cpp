#include "weights/export/onnx_graph.h"

#include "engine/device/host_context.h"
#include "kernels/device/error.h"
#include "tests/weights/export/wire_fields.h"
#include "tests/weights/format/temporary_folder.h"

#include <doctest/doctest.h>

#include <cstring>

namespace cuunet {
namespace {

std::vector<std::string> texts(const std::vector<WireField>& fields) {
  std::vector<std::string> all;
  for (const WireField& field : fields) all.push_back(field.bytes);
  return all;
}

TEST_CASE("onnx graph: the file has the fields of onnx.proto") {
  HostContext context({.threads = 1});
  TemporaryFolder folder("onnx_graph");
  std::filesystem::path path = folder.path / "model.onnx";
  OnnxGraph graph;
  graph.input("input", {"batch", int64_t{3}, "height", "width"});
  std::vector<float> values(2 * 3);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 2;
  std::string w = graph.constant("w", Tensor::from_host(context, {2, 3, 1, 1}, DType::f32, values));
  CHECK(graph.constant("w", std::vector<int64_t>{7, -1}) == "w_1");
  std::string y = graph.node("layers.0", "Conv", {"input", w},
                             {{"strides", std::vector<int64_t>{2, 2}}, {"alpha", 0.5f}, {"mode", "edge"}});
  CHECK(y == "layers.0/Conv");
  graph.output(graph.node("", "Relu", {y}), "output", {"batch", int64_t{2}, "height", "width"});
  graph.write(path, {.name = "net", .text = "any size", .metadata = {{"key", "value"}}}, Existing::refuse);

  WireFields model(read_bytes(path));
  CHECK(model.integer(1) == 8);
  CHECK(model.text(2) == "cuunet");
  CHECK(model.text(6) == "any size");
  CHECK(WireFields(model.text(8)).integer(2) == onnx_opset);
  CHECK(WireFields(model.text(14)).text(1) == "key");
  CHECK(WireFields(model.text(14)).text(2) == "value");
  WireFields contents(model.text(7));
  CHECK(contents.text(2) == "net");
  REQUIRE(contents.all(1).size() == 2);
  WireFields conv(contents.all(1)[0].bytes), relu(contents.all(1)[1].bytes);
  CHECK(texts(conv.all(1)) == std::vector<std::string>{"input", "w"});
  CHECK(texts(relu.all(1)) == texts(conv.all(2)));
  CHECK(relu.text(2) == "output");
  CHECK(conv.text(4) == "Conv");
  WireFields strides(conv.all(5).at(0).bytes), alpha(conv.all(5).at(1).bytes), mode(conv.all(5).at(2).bytes);
  CHECK(strides.all(8).size() == 2);
  CHECK(strides.integer(20) == 7);
  CHECK(alpha.integer(2) == 0x3F000000);
  CHECK(alpha.integer(20) == 1);
  CHECK(mode.text(4) == "edge");
  CHECK(mode.integer(20) == 3);

  REQUIRE(contents.all(5).size() == 2);
  WireFields weight(contents.all(5)[0].bytes), integers(contents.all(5)[1].bytes);
  CHECK(weight.all(1).size() == 4);
  CHECK(weight.integer(2) == 1);
  CHECK(weight.text(8) == "w");
  REQUIRE(weight.text(9).size() == values.size() * sizeof(float));  // PyTorch's order, without the device's padding
  CHECK(std::memcmp(weight.text(9).data(), values.data(), weight.text(9).size()) == 0);
  CHECK(integers.integer(2) == 7);
  CHECK(integers.text(9).size() == 16);

  WireFields tensor(WireFields(WireFields(contents.text(11)).text(2)).text(1));
  CHECK(tensor.integer(1) == 1);
  WireFields shape(tensor.text(2));
  REQUIRE(shape.all(1).size() == 4);
  CHECK(WireFields(shape.all(1)[0].bytes).text(2) == "batch");
  CHECK(WireFields(shape.all(1)[1].bytes).integer(1) == 3);
  CHECK_THROWS_AS(graph.write(path, {}, Existing::refuse), FileError);
}

// One tensor of 64 MiB stands for many.
TEST_CASE("onnx graph: what Protocol Buffers do not hold is refused before anything is written") {
  HostContext context({.threads = 1});
  TemporaryFolder folder("onnx_large");
  std::filesystem::path path = folder.path / "model.onnx";
  Tensor tensor = Tensor::zeros(context, {16, 1024, 1024}, DType::f32);
  OnnxGraph graph;
  for (int i = 0; i < 32; ++i) graph.constant("w", tensor);
  CHECK_THROWS_WITH_AS(graph.write(path, {}, Existing::refuse), doctest::Contains("this network takes 2.00;"),
                       FileError);
  for (int i = 0; i < 32; ++i) graph.constant("w", tensor);
  CHECK_THROWS_WITH_AS(graph.write(path, {}, Existing::refuse),
                       (path.string() + ": an ONNX file holds less than 2 GiB, this network takes 4.00; keep it as "
                                        ".safetensors or .pth")
                           .c_str(),
                       FileError);
  CHECK(std::filesystem::is_empty(folder.path));
}

}  // namespace
}  // namespace cuunet
