#include "bench/kernels/map.h"
#include "kernels/norm/batch_norm.h"
#include "kernels/norm/instance_norm.h"
#include "kernels/norm/spectral_norm.h"
#include "kernels/norm/weight_norm.h"

namespace cuunet::bench {
namespace {

struct Statistics {
  View weight, bias, mean, inv_std, running_mean, running_var;
  Statistics(Operands& o, const Shape& shape)
      : weight(o.in(shape, DType::f32)),
        bias(o.in(shape, DType::f32)),
        mean(o.out(shape, DType::f32)),
        inv_std(o.out(shape, DType::f32)),
        running_mean(o.out(shape, DType::f32)),
        running_var(o.out(shape, DType::f32)) {}
};

template <const auto& forward, const auto& backward>
void batch_norm_rows(const std::string& name, const Map& map, const Picture& p) {
  Shape shape = map.shape(p), channels{map.channels};
  for (bool training : {true, false}) {
    row({name + (training ? "/forward_training/" : "/forward_eval/") + map.text(p), [=](Operands& o) -> Call {
           View x = o.in(shape), y = o.out(shape);
           Statistics s(o, channels);
           return [=](Context& c) {
             forward(c, {x, s.weight, s.bias, s.running_mean, s.running_var, y, s.mean, s.inv_std},
                     {.training = training});
           };
         }});
  }
  row({name + "/backward/" + map.text(p), [=](Operands& o) -> Call {
         View x = o.in(shape), grad_y = o.in(shape), grad_x = o.out(shape);
         Statistics s(o, channels);
         View grad_weight = o.out(channels, DType::f32), grad_bias = o.out(channels, DType::f32);
         return [=](Context& c) {
           backward(c, {x, s.weight, s.mean, s.inv_std, grad_y, grad_x, grad_weight, grad_bias, s.bias},
                    {.training = true});
         };
       }});
}

void instance_norm_rows(const Map& map, const Picture& p) {
  Shape shape = map.shape(p), statistics{p.batch, map.channels};
  row({"instance_norm/forward/" + map.text(p), [=](Operands& o) -> Call {
         View x = o.in(shape), y = o.out(shape), mean = o.out(statistics, DType::f32),
              inv_std = o.out(statistics, DType::f32);
         return [=](Context& c) { instance_norm_forward(c, x, y, mean, inv_std, 1e-5); };
       }});
  row({"instance_norm/backward/" + map.text(p), [=](Operands& o) -> Call {
         View x = o.in(shape), grad_y = o.in(shape), grad_x = o.out(shape), mean = o.in(statistics, DType::f32),
              inv_std = o.in(statistics, DType::f32);
         return [=](Context& c) { instance_norm_backward(c, x, mean, inv_std, grad_y, grad_x); };
       }});
}

struct Weight {
  const char* name;
  int64_t k, c, kernel;
  Shape shape() const { return {k, c, kernel, kernel}; }
};
constexpr Weight weights[] = {
    {"unet.middle1", 1024, 512, 3}, {"unet.up1", 512, 512, 3}, {"unet.residual", 99, 99, 3}, {"unet.head", 3, 99, 1}};

void weight_norm_rows(const Weight& w) {
  Shape shape = w.shape(), per_output{w.k, 1, 1, 1};
  row({std::string("weight_norm/forward/") + w.name,
       [=](Operands& o) -> Call {
         View g = o.in(per_output), v = o.in(shape), weight = o.out(shape);
         return [=](Context& c) { weight_norm_forward(c, g, v, weight); };
       },
       0,
       {DType::f32}});
  row({std::string("weight_norm/backward/") + w.name,
       [=](Operands& o) -> Call {
         View g = o.in(per_output), v = o.in(shape), grad = o.in(shape), grad_g = o.out(per_output),
              grad_v = o.out(shape);
         return [=](Context& c) { weight_norm_backward(c, g, v, grad, grad_g, grad_v); };
       },
       0,
       {DType::f32}});
}

void spectral_norm_rows(const Weight& w) {
  Shape shape = w.shape(), rows{w.k}, columns{w.c * w.kernel * w.kernel};
  row({std::string("spectral_norm/forward/") + w.name,
       [=](Operands& o) -> Call {
         View orig = o.in(shape), u = o.in(rows), v = o.in(columns), weight = o.out(shape), sigma = o.out({1});
         return [=](Context& c) { spectral_norm_forward(c, orig, u, v, weight, sigma, {}); };
       },
       0,
       {DType::f32}});
  row({std::string("spectral_norm/backward/") + w.name,
       [=](Operands& o) -> Call {
         View orig = o.in(shape), u = o.in(rows), v = o.in(columns), sigma = o.in({1}), grad = o.in(shape),
              grad_orig = o.out(shape);
         return [=](Context& c) { spectral_norm_backward(c, orig, u, v, sigma, grad, grad_orig, {}); };
       },
       0,
       {DType::f32}});
}

const Rows rows([] {
  for (Picture p : pictures) {
    for (const Map& map : {half, Map{64, 4}, Map{128, 8}, Map{256, 16}, Map{512, 32}}) {
      batch_norm_rows<batch_norm_forward, batch_norm_backward>("batch_norm", map, p);
      batch_norm_rows<batch_norm_relu_forward, batch_norm_relu_backward>("batch_norm_relu", map, p);
    }
    instance_norm_rows(half, p);
  }
  for (const Weight& w : weights) {
    weight_norm_rows(w);
    spectral_norm_rows(w);
  }
});

}  // namespace
}  // namespace cuunet::bench
