#include "layers/losses/color_loss.h"

#include "engine/device/host_context.h"

#include <doctest/doctest.h>

using namespace cuunet;

namespace {

// One pixel.
Var pixel(Context& context, double r, double g, double b, DType dtype = DType::f64) {
  const double values[] = {r, g, b};
  return Var::leaf(Tensor::from_host(context, {1, 3, 1, 1}, dtype, std::span<const double>(values)));
}

struct Row {
  const char* name;
  double prediction[3], target[3];
  double pixel, chroma;  // with weight 4
};

const Row rows[] = {
    {"equal", {0.5, 0.25, 1}, {0.5, 0.25, 1}, 0, 0},
    {"brightness alone", {0.5, 0.5, 0.5}, {0, 0, 0}, 0.5, 0},
    {"red", {1, 0, 0}, {0, 0, 0}, 1.0 / 3, 4 * (1 + 0.25) / 2},
    {"green", {0, 0, 0}, {0, 1, 0}, 1.0 / 3, 4 * (1 + 0.25) / 2},
    {"blue", {0, 0, 0.5}, {0, 0, 0}, 0.5 / 3, 4 * 0.25 / 2},
};

}  // namespace

TEST_CASE("color_loss: brightness costs its pixels, colour its chroma too") {
  HostContext context;
  ColorLoss loss(4);
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto& [r, g, b] = row.prediction;
    const auto& [tr, tg, tb] = row.target;
    LossTerms terms = loss(pixel(context, r, g, b), pixel(context, tr, tg, tb));
    REQUIRE(terms.terms.size() == 2);
    CHECK(terms.terms[0].first == "pixel");
    CHECK(terms.terms[1].first == "chroma");
    CHECK(terms.terms[0].second.value().item() == doctest::Approx(row.pixel));
    CHECK(terms.terms[1].second.value().item() == doctest::Approx(row.chroma));
    CHECK(terms.total.value().item() == doctest::Approx(row.pixel + row.chroma));
  }
}

TEST_CASE("color_loss: the prediction gets the gradient of both terms, the target none") {
  HostContext context;
  ColorLoss loss(4);
  Var prediction = pixel(context, 1, 0, 0), target = pixel(context, 0, 0, 0);
  Tape tape;
  Recording recording(tape);
  tape.backward(loss(prediction, target).total);
  // chroma: 4/2 · 2 · ((1, -1, 0) · 1 + (-1/2, -1/2, 1) · -1/2)
  std::vector<double> expected{1.0 / 3 + 5, -3, -2}, found = prediction.gradient().to_host();
  for (size_t i = 0; i < 3; ++i) CHECK(found[i] == doctest::Approx(expected[i]));
  CHECK_FALSE(target.gradient().defined());
}

TEST_CASE("color_loss: bf16 pictures") {
  HostContext context;
  Var prediction = pixel(context, 1, 0, 0, DType::bf16), target = pixel(context, 0, 0, 0, DType::bf16);
  CHECK(ColorLoss(4)(prediction, target).total.value().item() == doctest::Approx(1.0 / 3 + 2.5));
}
