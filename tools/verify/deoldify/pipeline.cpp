// A photograph's whole way through the artistic generator, by the code that `cuunet colorize` runs.
#include "tools/colorizing/deoldify_pipeline.h"

#include "kernels/image/yuv.h"
#include "layers/models/dynamic_unet.h"
#include "tools/verify/deoldify/deoldify.h"

namespace cuunet {
namespace {

Image input_image(const NetworkCase& run) {
  std::vector<int64_t> shape = run.definition.input_shape("image");
  Image image(shape.at(1), shape.at(0));
  std::vector<float> values = run.definition.input_values("image");
  image.rgb.assign(values.begin(), values.end());
  return image;
}

void compare(NetworkCase& run, const std::string& name, const std::vector<uint8_t>& bytes) {
  run.comparison.values(name, std::vector<double>(bytes.begin(), bytes.end()));
}

std::vector<uint8_t> yuv_of(const Image& image) {
  std::vector<uint8_t> yuv(image.rgb.size());
  rgb_to_yuv(image.rgb, yuv);
  return yuv;
}

void compare_merge(NetworkCase& run, const Image& photograph, const Image& colour) {
  std::vector<uint8_t> original = yuv_of(photograph), merged = yuv_of(colour);
  compare(run, "yuv_of_original", original);
  compare(run, "yuv_of_colour", merged);
  for (size_t i = 0; i < merged.size(); i += 3) merged[i] = original[i];
  compare(run, "yuv_merged", merged);
  compare(run, "result", deoldify_merge(photograph, colour).rgb);
}

}  // namespace

void run_deoldify_pipeline(NetworkCase& run) {
  DynamicUnet network(run.placement(), deoldify_options("artistic"));
  fill_network(network, run.definition.json());
  network.set_training(false);
  NoGrad no_grad;
  Image photograph = input_image(run);
  DeOldifyStages stages = run_deoldify(run.context, photograph, run.at("render_size"),
                                       [&](const Tensor& x) { return network(Var(x.to(run.dtype()))).value(); });
  compare(run, "stretched", stages.stretched.rgb);
  compare(run, "grey", stages.grey.rgb);
  run.comparison.tensor("normalised", stages.input);
  run.comparison.tensor("net", stages.output);
  run.comparison.values("denormalised", std::vector<double>(stages.denormalised.begin(), stages.denormalised.end()));
  compare(run, "square_u8", stages.square.rgb);
  compare(run, "unsquared_u8", stages.colour.rgb);
  compare_merge(run, photograph, stages.colour);
}

}  // namespace cuunet
