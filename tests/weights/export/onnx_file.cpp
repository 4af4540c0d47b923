#include "weights/export/onnx_file.h"

#include "engine/device/host_context.h"
#include "kernels/device/error.h"
#include "tests/weights/export/wire_fields.h"
#include "tests/weights/format/temporary_folder.h"
#include "weights/mapping/network_file.h"

#include <doctest/doctest.h>

#include <map>

namespace cuunet {
namespace {

struct Fixture {
  HostContext context{{.threads = 1}};
  TemporaryFolder folder{"onnx_file"};
  std::filesystem::path weights = folder.path / "weights.safetensors", onnx = folder.path / "model.onnx";

  OnnxReport write(DynamicUnetOptions options) {
    options.encoder = "resnet18";
    options.encoder_width = 8;
    DynamicUnet network({context}, options);
    network.initialise(1);
    save_unet(network, 0, weights);
    LoadedNetwork loaded = load_network({context}, weights);
    return write_onnx(loaded, onnx, Existing::replace);
  }
};

std::map<std::string, std::string> metadata_of(const WireFields& model) {
  std::map<std::string, std::string> metadata;
  for (const WireField& field : model.all(14))
    metadata.emplace(WireFields(field.bytes).text(1), WireFields(field.bytes).text(2));
  return metadata;
}

// Of the first input or output: sizes, and names of those that are open.
std::vector<std::string> port_shape(const std::string& port) {
  WireFields tensor(WireFields(WireFields(port).text(2)).text(1)), shape(tensor.text(2));
  std::vector<std::string> sizes;
  for (const WireField& field : shape.all(1)) {
    WireFields size(field.bytes);
    sizes.push_back(size.all(1).empty() ? size.text(2) : std::to_string(size.integer(1)));
  }
  return sizes;
}

TEST_CASE("onnx file: norms are folded, sizes are open, and the file says what it is") {
  Fixture f;
  OnnxReport report = f.write({.norm = NormType::spectral, .blur = true, .self_attention = true, .y_range = {{-3, 3}}});
  CHECK(report.sizes == "sides that are multiples of 2");
  CHECK(report.bytes == std::filesystem::file_size(f.onnx));
  WireFields model(read_bytes(f.onnx)), graph(model.text(7));
  CHECK(graph.all(1).size() == report.nodes);
  std::map<std::string, int> counts;
  for (const WireField& node : graph.all(1)) ++counts[WireFields(node.bytes).text(4)];
  CHECK(counts["Resize"] == 4);  // to the skips' sizes, whatever they are
  CHECK(counts["Softmax"] == 1);
  CHECK(counts["DepthToSpace"] == 5);
  CHECK(counts["AveragePool"] == 4);
  CHECK(counts["BatchNormalization"] == 5);  // those behind convolutions of the encoder are folded
  for (const WireField& constant : graph.all(5)) {
    std::string name = WireFields(constant.bytes).text(8);
    CAPTURE(name);
    CHECK(name.find("weight_orig") == std::string::npos);
    CHECK(name.find("weight_u") == std::string::npos);
  }
  std::vector<std::string> any{"batch", "3", "height", "width"};
  CHECK(port_shape(graph.text(11)) == any);
  CHECK(port_shape(graph.text(12)) == any);
  auto metadata = metadata_of(model);
  CHECK(metadata["input.mean"] == "[0.485,0.456,0.406]");
  CHECK(metadata["output.std"] == "[0.229,0.224,0.225]");
  CHECK(metadata["network"] == report.network);
  CHECK(parse_description(metadata["cuunet.model"], f.onnx).options.y_range == std::pair{-3.0, 3.0});
}

TEST_CASE("onnx file: a network of one size says which") {
  Fixture f;
  CHECK(f.write({.built_for = {33, 47}}).sizes == "47 x 33 pixels");
  WireFields graph(WireFields(read_bytes(f.onnx)).text(7));
  std::vector<std::string> fixed{"batch", "3", "33", "47"};
  CHECK(port_shape(graph.text(11)) == fixed);
  CHECK(port_shape(graph.text(12)) == fixed);
}

TEST_CASE("onnx file: it is not taken for a file of weights") {
  Fixture f;
  f.write({});
  CHECK_THROWS_WITH_AS(WeightsFile(f.onnx), doctest::Contains("it looks like an ONNX graph"), FileError);
  LoadedNetwork loaded = load_network({f.context}, f.weights);
  CHECK_THROWS_WITH_AS(write_onnx(loaded, f.onnx, Existing::refuse), doctest::Contains("exists"), FileError);
}

}  // namespace
}  // namespace cuunet
