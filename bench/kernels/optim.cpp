// One step over one parameter; f32 always, as parameters and their gradients are.
#include "bench/kernels/row.h"
#include "kernels/optim/adam.h"
#include "kernels/optim/all_finite.h"
#include "kernels/optim/sgd.h"

namespace cuunet::bench {
namespace {

struct Parameter {
  const char* name;
  Shape shape;
};
const Parameter parameters[] = {
    {"unet.middle1", {1024, 512, 3, 3}}, {"unet.residual", {99, 99, 3, 3}}, {"bias", {512}}};

void optimizer_rows(const Parameter& parameter) {
  auto one = [&](const char* name, std::function<Call(Operands&)> prepare) {
    row({std::string(name) + "/step/" + parameter.name, std::move(prepare), 0, {DType::f32}});
  };
  Shape shape = parameter.shape;
  one("sgd", [=](Operands& o) -> Call {
    View p = o.in(shape), g = o.in(shape), buffer = o.in(shape);
    SgdUpdate update{p, g, buffer, {.learning_rate = 1e-6, .momentum = 0.9, .first = false}};
    return [=](Context& c) { sgd_step(c, {&update, 1}); };
  });
  one("adamw", [=](Operands& o) -> Call {
    View p = o.in(shape), g = o.in(shape), m = o.out(shape), v = o.out(shape);
    AdamUpdate update{p, g, m, v, {.learning_rate = 1e-6, .weight_decay = 1e-3}};
    return [=](Context& c) { adam_step(c, {&update, 1}); };
  });
  one("count_not_finite", [=](Operands& o) -> Call {
    ConstView g = o.in(shape);
    View count = o.out({1}, DType::i64);
    return [=](Context& c) { count_not_finite(c, {&g, 1}, count); };
  });
}

const Rows rows([] {
  for (const Parameter& parameter : parameters) optimizer_rows(parameter);
});

}  // namespace
}  // namespace cuunet::bench
