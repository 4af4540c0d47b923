#include "tools/data/picture_transform.h"

#include "engine/device/host_context.h"
#include "engine/tensor/tensor.h"
#include "kernels/image/area_shrink.h"
#include "tools/data/augmentation.h"
#include "tools/data/grey_pair.h"

#include <doctest/doctest.h>

#include <cmath>

namespace cuunet {
namespace {

Image waves(int64_t width, int64_t height) {
  Image image(width, height);
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      for (int64_t c = 0; c < 3; ++c) {
        double wave = std::sin(0.11 * static_cast<double>(x) + 0.07 * static_cast<double>(y * (c + 1)));
        image.pixel(y, x)[c] = static_cast<uint8_t>(127.5 + 120 * wave);
      }
    }
  }
  return image;
}

// The pair that the kernel makes of the photograph's bytes.
void make_pair(Context& context, const Image& image, const Composition& all, Tensor& input, Tensor& target) {
  auto bytes = static_cast<int64_t>(image.rgb.size());
  ConstView photo{image.rgb.data(), DType::u8, {image.height, image.width, 3}, bytes, bytes};
  Tensor shrunk = Tensor::empty(context, {all.source_height, all.source_width, 3}, DType::f32);
  if (all.source_height != image.height) {
    area_shrink_forward(context, photo, shrunk.view());
    photo = shrunk.view();
  }
  PictureTransform picture = picture_transform(all, photo);
  make_grey_pairs(context, {&picture, 1}, input.view(), target.view(), imagenet_normalisation());
}

void check_near(const Tensor& found, const std::vector<float>& expected) {
  const float* values = found.view().as<float>();
  float largest = 0;
  for (size_t i = 0; i < expected.size(); ++i) largest = std::max(largest, std::fabs(values[i] - expected[i]));
  // Both round a place in [-1, 1] a few times, to 4 · 2^-24: 1e-5 pixels in a width of 91 (300 shrunk), where colours
  // change by 0.17 per pixel; lighting enlarges by up to 1.25 and the normalisation by 4.4. Twice that, for two sides.
  CHECK(largest <= 2e-5f);
}

TEST_CASE("pairs made on the CPU and on simt are those of the pipeline") {
  RandomStream random(11, Purpose::augmentation);
  int shrunk = 0, plain = 0;
  for (Device device : {Device::cpu, Device::simt}) {
    HostContext context({.device = device, .threads = 1});
    for (auto [width, height] : {std::pair<int64_t, int64_t>{41, 57}, {32, 32}, {300, 210}, {20, 90}}) {
      Image image = waves(width, height);
      for (int draw = 0; draw < 7; ++draw) {
        std::vector<Operation> operations = draw == 0 ? no_augmentation() : draw_augmentation({}, random);
        Resize resize{draw % 3 == 2 ? ResizeMethod::pad : ResizeMethod::crop, 32, 32};
        std::vector<float> input(32 * 32 * 8), target(32 * 32 * 8);
        write_grey_pair(transformed<float>(image, operations, resize), input.data(), target.data());
        Composition all = compose(operations, height, width, resize);
        shrunk += all.source_height != height;
        plain += !all.sampled;
        Tensor x = Tensor::empty(context, {1, 3, 32, 32}, DType::f32),
               y = Tensor::empty(context, {1, 3, 32, 32}, DType::f32);
        make_pair(context, image, all, x, y);
        check_near(x, input);
        check_near(y, target);
      }
    }
  }
  CHECK(shrunk > 0);
  CHECK(plain > 0);
}

}  // namespace
}  // namespace cuunet
