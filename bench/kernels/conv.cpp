// Every distinct convolution of DynamicUnet(ResNet-34) and of VGG-16 up to its last tap, and the other convolutions.
#include "bench/kernels/row.h"
#include "kernels/conv/add_bias.h"
#include "kernels/conv/conv1d.h"
#include "kernels/conv/conv2d.h"
#include "kernels/conv/conv_transpose2d.h"

#include <memory>

namespace cuunet::bench {
namespace {

struct Layer {
  const char* name;
  int64_t c, k;
  int kernel, stride;
  int64_t shrink;  // picture size / input size
  bool trained = true;
};

// 1.963 GMAC at 64 px with the counts behind the rows.
constexpr Layer layers[] = {
    {"unet.stem", 3, 64, 7, 2, 1},        // 1
    {"unet.layer1", 64, 64, 3, 1, 4},     // 6
    {"unet.layer2.0", 64, 128, 3, 2, 4},  // 1
    {"unet.down2", 64, 128, 1, 2, 4},     // 1
    {"unet.layer2", 128, 128, 3, 1, 8},   // 7
    {"unet.layer3.0", 128, 256, 3, 2, 8},   {"unet.down3", 128, 256, 1, 2, 8},
    {"unet.layer3", 256, 256, 3, 1, 16},  // 11
    {"unet.layer4.0", 256, 512, 3, 2, 16},  {"unet.down4", 256, 512, 1, 2, 16},
    {"unet.layer4", 512, 512, 3, 1, 32},  // 5
    {"unet.middle1", 512, 1024, 3, 1, 32},  {"unet.middle2", 1024, 512, 3, 1, 32},
    {"unet.up1.shuf", 512, 1024, 1, 1, 32}, {"unet.up1", 512, 512, 3, 1, 16},  // 2
    {"unet.up2.shuf", 512, 1024, 1, 1, 16}, {"unet.up2", 384, 384, 3, 1, 8},   // 2
    {"unet.up3.shuf", 384, 768, 1, 1, 8},   {"unet.up3", 256, 256, 3, 1, 4},   // 2
    {"unet.up4.shuf", 256, 512, 1, 1, 4},   {"unet.up4.conv1", 192, 96, 3, 1, 2},
    {"unet.up4.conv2", 96, 96, 3, 1, 2},    {"unet.last.shuf", 96, 384, 1, 1, 2},
    {"unet.residual", 99, 99, 3, 1, 1},  // 2
    {"unet.head", 99, 3, 1, 1, 1},          {"vgg.1", 3, 64, 3, 1, 1, false},
    {"vgg.2", 64, 64, 3, 1, 1, false},      {"vgg.3", 64, 128, 3, 1, 2, false},
    {"vgg.4", 128, 128, 3, 1, 2, false},    {"vgg.5", 128, 256, 3, 1, 4, false},
    {"vgg.6", 256, 256, 3, 1, 4, false},                                          // 2
    {"vgg.8", 256, 512, 3, 1, 8, false},    {"vgg.9", 512, 512, 3, 1, 8, false},  // 2
    {"vgg.11", 512, 512, 3, 1, 16, false},                                        // 3
};

void conv2d_rows(const Layer& l, const Picture& p) {
  Conv2dParams params{.stride = l.stride, .padding = l.kernel / 2};
  Shape x{p.batch, l.c, p.px / l.shrink, p.px / l.shrink}, w{l.k, l.c, l.kernel, l.kernel}, bias{l.k};
  Shape y = conv2d_output_shape(x, w, params);
  double flops = 2.0 * static_cast<double>(y.elements() * l.c * l.kernel * l.kernel);
  std::string what = l.name + at(p);
  row({"conv2d/forward/" + what,
       [=](Operands& o) -> Call {
         View x_ = o.in(x), w_ = o.in(w, DType::f32), b = o.in(bias, DType::f32), y_ = o.out(y);
         return [=](Context& c) { conv2d_forward(c, x_, w_, b, y_, params); };
       },
       flops});
  // As inference does it: with ReLU, the weights packed once.
  row({"conv2d/inference/" + what,
       [=](Operands& o) -> Call {
         View x_ = o.in(x), w_ = o.in(w, DType::f32), b = o.in(bias, DType::f32), y_ = o.out(y);
         return [=, packed = std::make_shared<WeightsCache>()](Context& c) {
           Conv2dParams with_relu = params;
           with_relu.relu = true, with_relu.cache = packed.get(), with_relu.winograd = true;
           conv2d_forward(c, x_, w_, b, y_, with_relu);
         };
       },
       flops});
  row({"conv2d/backward_input/" + what,
       [=](Operands& o) -> Call {
         View grad_y = o.in(y), w_ = o.in(w, DType::f32), grad_x = o.out(x);
         return [=](Context& c) { conv2d_backward_input(c, grad_y, w_, grad_x, params); };
       },
       flops});
  if (!l.trained) return;
  row({"conv2d/backward_weight/" + what,
       [=](Operands& o) -> Call {
         View x_ = o.in(x), grad_y = o.in(y), grad_w = o.out(w, DType::f32), grad_bias = o.out(bias, DType::f32);
         return [=](Context& c) { conv2d_backward_weight(c, x_, grad_y, grad_w, grad_bias, params); };
       },
       flops});
}

// A Pix2pix generator's step up, from a sixteenth to an eighth of the size.
void conv_transpose2d_rows(const Picture& p) {
  ConvTranspose2dParams params{.stride = 2, .padding = 1};
  Shape x{p.batch, 512, p.px / 16, p.px / 16}, w{512, 256, 4, 4}, bias{256};
  Shape y = conv_transpose2d_output_shape(x, w, params);
  double flops = 2.0 * static_cast<double>(x.elements() * 256 * 4 * 4);
  std::string what = "512_256" + at(p);
  row({"conv_transpose2d/forward/" + what,
       [=](Operands& o) -> Call {
         View x_ = o.in(x), w_ = o.in(w, DType::f32), b = o.in(bias, DType::f32), y_ = o.out(y);
         return [=](Context& c) { conv_transpose2d_forward(c, x_, w_, b, y_, params); };
       },
       flops});
  row({"conv_transpose2d/backward_input/" + what,
       [=](Operands& o) -> Call {
         View grad_y = o.in(y), w_ = o.in(w, DType::f32), grad_x = o.out(x);
         return [=](Context& c) { conv_transpose2d_backward_input(c, grad_y, w_, grad_x, params); };
       },
       flops});
  row({"conv_transpose2d/backward_weight/" + what,
       [=](Operands& o) -> Call {
         View x_ = o.in(x), grad_y = o.in(y), grad_w = o.out(w, DType::f32), grad_bias = o.out(bias, DType::f32);
         return [=](Context& c) { conv_transpose2d_backward_weight(c, x_, grad_y, grad_w, grad_bias, params); };
       },
       flops});
}

// Self-attention's query, key (48 channels) and value (384).
void conv1d_rows(const Picture& p, int64_t k) {
  Shape x{p.batch, 384, p.px / 8 * p.px / 8}, w{k, 384, 1}, y{x[0], k, x[2]};
  double flops = 2.0 * static_cast<double>(y.elements() * 384);
  std::string what = "384_" + std::to_string(k) + at(p);
  row({"conv1d/forward/" + what,
       [=](Operands& o) -> Call {
         View x_ = o.in(x), w_ = o.in(w, DType::f32), y_ = o.out(y);
         return [=](Context& c) { conv1d_forward(c, x_, w_, {}, y_); };
       },
       flops});
  row({"conv1d/backward_input/" + what,
       [=](Operands& o) -> Call {
         View grad_y = o.in(y), w_ = o.in(w, DType::f32), grad_x = o.out(x);
         return [=](Context& c) { conv1d_backward_input(c, grad_y, w_, grad_x); };
       },
       flops});
  row({"conv1d/backward_weight/" + what,
       [=](Operands& o) -> Call {
         View x_ = o.in(x), grad_y = o.in(y), grad_w = o.out(w, DType::f32);
         return [=](Context& c) { conv1d_backward_weight(c, x_, grad_y, grad_w, {}); };
       },
       flops});
}

// What follows a convolution whose library adds no bias.
void add_bias_rows(const Picture& p) {
  row({"add_bias/relu/99" + at(p), [=](Operands& o) -> Call {
         View bias = o.in({99}, DType::f32), y = o.out({p.batch, 99, p.px, p.px});
         return [=](Context& c) { add_bias(c, bias, y, true); };
       }});
}

const Rows rows([] {
  for (Picture p : pictures) {
    add_bias_rows(p);
    for (const Layer& l : layers) conv2d_rows(l, p);
    conv_transpose2d_rows(p);
    for (int64_t k : {48, 384}) conv1d_rows(p, k);
  }
});

}  // namespace
}  // namespace cuunet::bench
