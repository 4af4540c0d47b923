// The CUDA sources that walk elements or small windows, against the f64 loops.
#include "kernels/activation/leaky_relu.h"
#include "kernels/activation/sigmoid.h"
#include "kernels/activation/tanh.h"
#include "kernels/device/copy.h"
#include "kernels/linalg/add.h"
#include "kernels/linalg/scale.h"
#include "kernels/pixel_shuffle/shuffle_blur.h"
#include "kernels/pool/blur.h"
#include "kernels/pool/max_pool2d.h"
#include "kernels/resample/crop.h"
#include "tests/kernels/simt/device_check.h"

#include <doctest/doctest.h>

#include <fmt/format.h>

namespace cuunet::simt {
namespace {

constexpr Role output = Role::output;
using Views = std::vector<View>;

const Shape shapes[] = {{1, 1, 1, 1}, {2, 99, 3, 5}, {1, 16, 9, 2}, {3, 7}, {1030}};

void check_unary(const char* name, const Shape& shape, void (*run)(Context&, View, View)) {
  check_device({fmt::format("{} {}", name, shape.text()),
                {{shape, Role::input, false, 0, 4}, {shape, output}},
                [=](Context& context, const Views& v) { run(context, v[0], v[1]); }});
}

void check_binary(const char* name, const Shape& shape, void (*run)(Context&, View, View, View)) {
  check_device({fmt::format("{} {}", name, shape.text()),
                {{shape, Role::input, false, 0, 4}, {shape}, {shape, output}},
                [=](Context& context, const Views& v) { run(context, v[0], v[1], v[2]); }});
}

TEST_CASE("simt: leaky_relu, sigmoid, tanh, add, scale") {
  for (const Shape& s : shapes) {
    check_unary("leaky_relu", s, [](Context& c, View x, View y) { leaky_relu_forward(c, x, y, 0.25); });
    check_binary("leaky_relu/backward", s,
                 [](Context& c, View y, View g, View out) { leaky_relu_backward(c, y, g, out, 0.25); });
    check_unary("sigmoid", s, [](Context& c, View x, View y) { sigmoid_forward(c, x, y, {-3, 3}); });
    check_binary("sigmoid/backward", s, [](Context& c, View x, View g, View out) {
      sigmoid_backward(c, x, g, out, {-3, 3});
    });
    check_unary("tanh", s, [](Context& c, View x, View y) { tanh_forward(c, x, y); });
    check_binary("tanh/backward", s, [](Context& c, View x, View g, View out) { tanh_backward(c, x, g, out); });
    check_binary("add", s, [](Context& c, View a, View b, View y) { add_forward(c, a, b, y); });
    check_binary("add_relu", s, [](Context& c, View a, View b, View y) { add_relu_forward(c, a, b, y); });
    check_unary("scale", s, [](Context& c, View x, View y) { scale_forward(c, x, y, 1.5); });
  }
}

TEST_CASE("simt: a learned factor and its gradient") {
  for (const Shape& s : shapes) {
    TensorRow factor{{1}, Role::input, true, 0.75, 0.25};
    check_device({"scale_by " + s.text(), {{s}, factor, {s, output}}, [](Context& c, const Views& v) {
                    scale_by_forward(c, v[0], v[1], v[2]);
                  }});
    check_device(
        {"scale_by/backward " + s.text(),
         {{s, Role::input, false, 0.5}, factor, {s, Role::input, false, 0.5}, {s, output}, {{1}, output, true}},
         [](Context& c, const Views& v) { scale_by_backward(c, v[0], v[1], v[2], v[3], v[4]); }});
  }
}

TEST_CASE("simt: blur and max_pool2d") {
  for (const Shape& s : {Shape{1, 1, 1, 1}, Shape{2, 24, 5, 4}, Shape{1, 99, 3, 6}}) {
    check_device(
        {"blur " + s.text(), {{s}, {s, output}}, [](Context& c, const Views& v) { blur_forward(c, v[0], v[1]); }});
    check_device({"blur/backward " + s.text(), {{s}, {s, output}}, [](Context& c, const Views& v) {
                    blur_backward(c, v[0], v[1]);
                  }});
  }
  for (MaxPoolParams p :
       {MaxPoolParams{2, 2, 0}, MaxPoolParams{3, 2, 1}, MaxPoolParams{3, 1, 1}, MaxPoolParams{2, 3, 0}}) {
    Shape x{2, 20, 7, 9}, y = max_pool2d_shape(x, p);
    std::string name = fmt::format(" k{} s{} p{}", p.kernel, p.stride, p.padding);
    check_device({"max_pool2d" + name, {{x}, {y, output}}, [=](Context& c, const Views& v) {
                    max_pool2d_forward(c, v[0], v[1], {}, p);
                  }});
    // Forward first, for the positions.
    check_device({"max_pool2d/backward" + name, {{x}, {y}, {y, output}, {x, output}}, [=](Context& c, const Views& v) {
                    int64_t stride = padded_channels(y[1]);
                    Workspace memory(c, static_cast<size_t>(y[0] * y[2] * y[3] * stride));
                    View positions{memory.as<uint8_t>(), DType::u8, y, stride, stride};
                    max_pool2d_forward(c, v[0], v[2], positions, p);
                    max_pool2d_backward(c, positions, v[1], v[3], p);
                  }});
  }
}

TEST_CASE("simt: copies between types and layouts") {
  for (const Shape& s : shapes) {
    check_unary("copy", s, [](Context& c, View x, View y) { copy(c, x, y); });
    check_device({"copy/from_f32 " + s.text(), {{s, Role::input, true}, {s, output}}, [](Context& c, const Views& v) {
                    copy(c, v[0], v[1]);
                  }});
    check_device(
        {"copy/to_f32 " + s.text(), {{s}, {s, output, true}}, [](Context& c, const Views& v) { copy(c, v[0], v[1]); }});
    check_device({"fill_zero " + s.text(), {{s, output}}, [](Context& c, const Views& v) { fill_zero(c, v[0]); }});
  }
  PlainContext context(Device::simt);
  std::vector<int64_t> from{1, -2, int64_t{1} << 40}, to(3);
  copy(context, {from.data(), DType::i64, {3}, 3, 3}, {to.data(), DType::i64, {3}, 3, 3});
  CHECK(to == from);
}

TEST_CASE("simt: zero_pad_lanes leaves the elements") {
  PlainContext context(Device::simt);
  std::vector<float> y(16, 3.0f), expected{3, 3, 3, 3, 3, 0, 0, 0, 3, 3, 3, 3, 3, 0, 0, 0};
  zero_pad_lanes(context, {y.data(), DType::f32, {1, 5, 1, 2}, 8, 8});
  CHECK(y == expected);
}

TEST_CASE("simt: crop") {
  Shape whole{2, 21, 6, 7}, part{1, 9, 3, 4};
  for (CropOrigin o : {CropOrigin{0, 0, 0, 0}, CropOrigin{1, 11, 2, 3}}) {
    check_device(
        {"crop", {{whole}, {part, output}}, [=](Context& c, const Views& v) { crop_forward(c, v[0], v[1], o); }});
    check_device({"crop/backward", {{part}, {whole, output}}, [=](Context& c, const Views& v) {
                    crop_backward(c, v[0], v[1], o);
                  }});
  }
}

TEST_CASE("simt: max_pool2d_indices are those of the CPU") {
  Shape y{2, 5, 3, 4};
  std::vector<uint8_t> positions(2 * 3 * 4 * 8);
  for (size_t i = 0; i < positions.size(); ++i) positions[i] = static_cast<uint8_t>(i % 9);
  std::vector<int64_t> indices[2] = {std::vector<int64_t>(positions.size()), std::vector<int64_t>(positions.size())};
  for (int d = 0; d < 2; ++d) {
    PlainContext context(d == 0 ? Device::cpu : Device::simt);
    max_pool2d_indices(context, {positions.data(), DType::u8, y, 8, 8}, {indices[d].data(), DType::i64, y, 8, 8}, 8,
                       {3, 2, 1});
  }
  CHECK(indices[0] == indices[1]);
}

TEST_CASE("simt: shuffle_blur") {
  for (const Shape& fine : {Shape{1, 1, 2, 2}, Shape{2, 9, 6, 4}, Shape{1, 24, 4, 10}}) {
    Shape coarse{fine[0], 4 * fine[1], fine[2] / 2, fine[3] / 2};
    check_device({"shuffle_blur " + fine.text(), {{coarse}, {fine, output}}, [](Context& c, const Views& v) {
                    shuffle_blur_forward(c, v[0], v[1]);
                  }});
    check_device({"shuffle_blur/backward " + fine.text(), {{fine}, {coarse, output}}, [](Context& c, const Views& v) {
                    shuffle_blur_backward(c, v[0], v[1]);
                  }});
  }
}

}  // namespace
}  // namespace cuunet::simt
