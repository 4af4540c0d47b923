#include "weights/export/onnx_file.h"

#include "kernels/device/error.h"
#include "layers/models/imagenet.h"
#include "layers/models/patch_gan.h"
#include "layers/models/unet_generator.h"
#include "weights/export/onnx_trace.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace cuunet {
namespace {

std::vector<OnnxDimension> input_shape(const PictureSizes& sizes) {
  if (sizes.fixed) return {"batch", sizes.channels, sizes.height, sizes.width};
  return {"batch", sizes.channels, "height", "width"};
}

// Of [N, C] or [N, C, H, W] as the trace saw it. Only a U-Net's output is known to have the input's size.
std::vector<OnnxDimension> output_shape(const std::string& name, const Shape& seen, const PictureSizes& sizes,
                                        bool of_input_size) {
  std::vector<OnnxDimension> shape{"batch", seen[1]};
  for (int i = 2; i < seen.rank(); ++i) {
    const char* side = i == 2 ? "height" : "width";
    if (sizes.fixed)
      shape.emplace_back(seen[i]);
    else
      shape.emplace_back(of_input_size ? side : fmt::format("{}_{}", name, side));
  }
  return shape;
}

struct Normalisation {
  std::vector<double> mean, deviation;
};

// Pix2pix's networks work on -1 … 1, the others on ImageNet's distribution.
std::optional<Normalisation> normalisation_of(const LoadedNetwork& network, int64_t channels) {
  bool pix2pix = dynamic_cast<UnetGenerator*>(network.module.get()) != nullptr ||
                 dynamic_cast<PatchGAN*>(network.module.get()) != nullptr;
  if (pix2pix) {
    std::vector<double> half(static_cast<size_t>(channels), 0.5);
    return Normalisation{half, half};
  }
  if (channels != 3) return std::nullopt;
  Normalisation imagenet;
  for (size_t c = 0; c < 3; ++c) {  // three decimals, as they are published
    imagenet.mean.push_back(std::round(1e3 * imagenet_mean[c]) / 1e3);
    imagenet.deviation.push_back(std::round(1e3 * imagenet_deviation[c]) / 1e3);
  }
  return imagenet;
}

OnnxGraph::Header header_of(const LoadedNetwork& network, const PictureSizes& sizes, int64_t channels_out) {
  OnnxGraph::Header header{.name = network.text.substr(0, network.text.find(':')), .text = network.text};
  header.text += "; takes " + sizes.text();
  header.metadata = {{"network", network.text}, {"picture_sizes", sizes.text()}};
  if (network.unet) header.metadata["cuunet.model"] = description_text(*network.unet);
  auto state = [&](const char* port, const std::optional<Normalisation>& norm) {
    if (!norm) return;
    header.metadata[fmt::format("{}.mean", port)] = nlohmann::json(norm->mean).dump();
    header.metadata[fmt::format("{}.std", port)] = nlohmann::json(norm->deviation).dump();
  };
  state("input", normalisation_of(network, sizes.channels));
  bool picture = network.unet || dynamic_cast<UnetGenerator*>(network.module.get()) != nullptr;
  if (picture) state("output", normalisation_of(network, channels_out));
  return header;
}

}  // namespace

OnnxReport write_onnx(LoadedNetwork& network, const std::filesystem::path& out, Existing existing) {
  refuse_existing(out, existing);
  Context& context = network.module->placement().context;
  PictureSizes sizes = network.picture_sizes();
  OnnxGraph graph;
  NoGrad no_grad;
  OnnxTrace trace(graph);
  std::vector<Var> inputs;
  for (const std::string& name : network.input_names()) {
    graph.input(name, input_shape(sizes));
    inputs.emplace_back(Tensor::zeros(context, {1, sizes.channels, sizes.height, sizes.width}, DType::f32));
    trace.input(inputs.back(), name);
  }
  NamedVars outputs = network(inputs);
  for (const auto& [name, value] : outputs) {
    graph.output(trace.name_of(value), name, output_shape(name, value.shape(), sizes, network.unet.has_value()));
  }
  graph.write(out, header_of(network, sizes, outputs.back().second.shape()[1]), existing);
  return {.network = network.text,
          .sizes = sizes.text(),
          .nodes = graph.nodes(),
          .constants = graph.constants(),
          .bytes = std::filesystem::file_size(out)};
}

}  // namespace cuunet
