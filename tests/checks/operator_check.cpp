#include "tests/checks/operator_check.h"

#include "kernels/device/philox.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace cuunet {
namespace {

constexpr double guard = -7.0;  // exact in every type
constexpr int64_t before = 3, after = 5;
constexpr int64_t sampled_elements = 48;
constexpr double step = 1e-5;

uint64_t hash(const std::string& name) {
  uint64_t h = 0xCBF29CE484222325u;  // FNV-1a
  for (unsigned char byte : name) h = (h ^ byte) * 0x100000001B3u;
  return h;
}

using Values = std::vector<double>;

// What one forward and backward pass gave: y, then the gradient of every input that has one.
struct Outcome {
  std::vector<std::string> names;
  std::vector<Values> values;
  bool padded_with_zeros = true, guards_intact = true;
};

struct Layout {
  DType dtype = DType::f64;
  bool slices = false;
  bool exact = true;
};

Values upstream_of(const OperatorCase& row, const Shape& shape) { return named_inputs(row.name + "/grad_y", shape); }

DType type_of(const OperatorInput& input, DType dtype) {
  return input.parameter && dtype == DType::bf16 ? DType::f32 : dtype;
}

Tensor place(Context& context, const Shape& shape, DType dtype, const Values& values, bool slice,
             std::vector<GuardedSlice>& guarded) {
  if (!slice || shape.rank() != 4) return Tensor::from_host(context, shape, dtype, values);
  guarded.emplace_back(context, shape, dtype);
  Tensor tensor = guarded.back().slice();
  tensor.assign(values);
  return tensor;
}

std::vector<Values> input_values(const OperatorCase& row, bool exact) {
  std::vector<Values> values;
  for (size_t i = 0; i < row.inputs.size(); ++i) {
    const OperatorInput& input = row.inputs[i];
    values.push_back(named_inputs(fmt::format("{}/{}", row.name, i), input.shape, input.offset, input.scale, exact));
  }
  return values;
}

Outcome run(const OperatorCase& row, const std::vector<Values>& values, const Layout& layout, Context& context) {
  std::vector<GuardedSlice> guarded;
  Vars inputs;
  for (size_t i = 0; i < row.inputs.size(); ++i) {
    const OperatorInput& input = row.inputs[i];
    Tensor tensor = place(context, input.shape, type_of(input, layout.dtype), values[i],
                          layout.slices && !input.parameter, guarded);
    inputs.push_back(input.grad ? Var::leaf(tensor) : Var(tensor));
  }
  Tape tape;
  Var y;
  {
    Recording recording(tape);
    y = row.function(inputs);
  }
  Outcome outcome{{"y"}, {y.value().to_host()}, pad_lanes_are_zero(y.view())};
  if (y.requires_grad()) {
    tape.backward(y, place(context, y.shape(), y.dtype(), upstream_of(row, y.shape()), layout.slices, guarded));
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!row.inputs[i].grad) continue;
    const Tensor& gradient = inputs[i].gradient();
    REQUIRE_MESSAGE(gradient.defined(), row.name << ": no gradient arrived at input " << i);
    outcome.names.push_back(fmt::format("gradient {}", i));
    outcome.values.push_back(gradient.to_host());
    outcome.padded_with_zeros = outcome.padded_with_zeros && pad_lanes_are_zero(gradient.view());
  }
  for (const GuardedSlice& slice : guarded) outcome.guards_intact = outcome.guards_intact && slice.intact();
  return outcome;
}

// The function's value against the upstream gradient.
double objective(const OperatorCase& row, const std::vector<Values>& values, Context& context) {
  Vars inputs;
  for (size_t i = 0; i < row.inputs.size(); ++i) {
    inputs.emplace_back(Tensor::from_host(context, row.inputs[i].shape, DType::f64, values[i]));
  }
  Var y = row.function(inputs);
  Values out = y.value().to_host(), upstream = upstream_of(row, y.shape());
  double sum = 0;
  for (size_t i = 0; i < out.size(); ++i) sum += out[i] * upstream[i];
  return sum;
}

void check_differences(const OperatorCase& row, Context& context) {
  std::vector<Values> values = input_values(row, false);
  Outcome outcome = run(row, values, {DType::f64, false, false}, context);
  size_t gradient = 0;
  for (size_t i = 0; i < row.inputs.size(); ++i) {
    if (!row.inputs[i].grad) continue;
    const Values& found = outcome.values[++gradient];
    double scale = 1;
    for (double g : found) scale = std::max(scale, std::abs(g));
    auto count = static_cast<int64_t>(found.size());
    for (int64_t k = 0; k < std::min(count, sampled_elements); ++k) {
      auto at = static_cast<size_t>(count <= sampled_elements ? k : (k * 7919 + 13) % count);
      double x = values[i][at];
      values[i][at] = x + step;
      double above = objective(row, values, context);
      values[i][at] = x - step;
      double below = objective(row, values, context);
      values[i][at] = x;
      double expected = (above - below) / (2 * step),
             used = std::abs(found[at] - expected) / scale / row.tolerance.difference;
      CHECK_MESSAGE(used <= 1,
                    fmt::format("{}: gradient of input {} at {}: {} but the central difference is {} ({} and {}); "
                                "{:.3g} of the tolerance",
                                row.name, i, at, found[at], expected, below, above, used));
    }
  }
}

void check_close(const OperatorCase& row, const char* mode, const Outcome& found, const Outcome& expected,
                 double tolerance) {
  for (size_t t = 0; t < expected.values.size(); ++t) {
    const Values &want = expected.values[t], &got = found.values[t];
    double scale = 1e-30, worst = 0;
    size_t at = 0;
    for (double w : want) scale = std::max(scale, std::abs(w));
    for (size_t i = 0; i < want.size(); ++i) {
      double used = std::abs(got[i] - want[i]) / scale / tolerance;
      if (used <= worst) continue;
      worst = used;
      at = i;
      if (std::isnan(used)) break;
    }
    CHECK_MESSAGE(worst <= 1, fmt::format("{}: {} of {} at {}: {}, in f64 {}; {:.3g} of the tolerance", row.name, mode,
                                          expected.names[t], at, got[at], want[at], worst));
  }
}

void check_same_bits(const OperatorCase& row, const char* what, const Outcome& found, const Outcome& expected) {
  for (size_t t = 0; t < expected.values.size(); ++t) {
    CHECK_MESSAGE(found.values[t] == expected.values[t],
                  fmt::format("{}: {} of {} differs from that of whole tensors on two threads", row.name,
                              expected.names[t], what));
  }
}

}  // namespace

Values named_inputs(const std::string& name, const Shape& shape, double offset, double scale, bool exact) {
  Philox philox(hash(name));
  Values values(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) {
    uint32_t word = philox(static_cast<uint32_t>(i / 4), 0, 0, 0).word[i % 4];
    double value = offset + scale * (2.0 * static_cast<double>(unit_float(word)) - 1.0);
    values[i] = exact ? static_cast<double>(static_cast<float>(bfloat16(static_cast<float>(value)))) : value;
  }
  return values;
}

GuardedSlice::GuardedSlice(Context& context, const Shape& shape, DType dtype) {
  Shape wide{shape[0], before + shape[1] + after, shape[2], shape[3]};
  Values guards(static_cast<size_t>(wide.elements()), guard);
  owner_ = Tensor::from_host(context, wide, dtype, guards);
  slice_ = owner_.channels(before, before + shape[1]);
}

bool GuardedSlice::intact() const {
  int64_t end = owner_.shape()[1];
  for (const Tensor& side : {owner_.channels(0, before), owner_.channels(end - after, end)}) {
    Values values = side.to_host();
    if (!std::all_of(values.begin(), values.end(), [](double v) { return v == guard; })) return false;
  }
  return pad_lanes_are_zero(owner_.view());
}

bool pad_lanes_are_zero(ConstView view) {
  if (view.shape.rank() != 4) return true;
  auto size = size_of(view.dtype);
  const char* base = static_cast<const char*>(view.data);
  for (int64_t r = 0; r < view.rows(); ++r) {
    const char* first = base + static_cast<size_t>(r * view.pixel_stride + view.c()) * size;
    const char* last = base + static_cast<size_t>(r * view.pixel_stride + view.lanes) * size;
    if (!std::all_of(first, last, [](char byte) { return byte == 0; })) return false;
  }
  return true;
}

void check_operator(const OperatorCase& row) {
  HostContext two({.threads = 2});
  check_differences(row, two);
  std::vector<Values> values = input_values(row, true);
  Outcome reference = run(row, values, {DType::f64}, two);
  for (DType dtype : {DType::f32, DType::bf16}) {
    Outcome whole = run(row, values, {dtype}, two);
    check_close(row, name_of(dtype), whole, reference, dtype == DType::f32 ? row.tolerance.f32 : row.tolerance.bf16);
    CHECK_MESSAGE(whole.padded_with_zeros, fmt::format("{}: {}: pad lanes are not zero", row.name, name_of(dtype)));
    Outcome sliced = run(row, values, {dtype, true}, two);
    check_same_bits(row, "slices", sliced, whole);
    CHECK_MESSAGE(sliced.guards_intact, fmt::format("{}: {}: wrote beside a slice", row.name, name_of(dtype)));
    check_same_bits(row, "a second run", run(row, values, {dtype}, two), whole);
    if (!row.any_threads) continue;
    for (int threads : {1, 3}) {
      HostContext other({.threads = threads});
      check_same_bits(row, threads == 1 ? "one thread" : "three threads", run(row, values, {dtype}, other), whole);
    }
  }
}

void check_slices(const std::string& name, const std::vector<Shape>& inputs, const Shape& output,
                  const std::function<void(Context&, const std::vector<ConstView>&, View)>& kernel) {
  HostContext context({.threads = 2});
  for (DType dtype : {DType::f32, DType::bf16}) {
    std::vector<Tensor> whole;
    std::vector<GuardedSlice> guarded;
    std::vector<ConstView> whole_views, slice_views;
    for (size_t i = 0; i < inputs.size(); ++i) {
      Values values = named_inputs(fmt::format("{}/{}", name, i), inputs[i]);
      whole.push_back(Tensor::from_host(context, inputs[i], dtype, values));
      whole_views.push_back(whole.back().view());
      slice_views.push_back(place(context, inputs[i], dtype, values, true, guarded).view());
    }
    Tensor expected = Tensor::empty(context, output, dtype);
    auto bytes = static_cast<size_t>(expected.view().storage_elements()) * size_of(dtype);
    std::memset(expected.view().data, 0x3F, bytes);  // so that the pad lanes are zero only if the kernel says so
    kernel(context, whole_views, expected.view());
    CHECK_MESSAGE(pad_lanes_are_zero(expected.view()), name << ": pad lanes are not zero");
    for (const auto* views : {&whole_views, &slice_views}) {
      GuardedSlice found(context, output, dtype);
      kernel(context, *views, found.slice().view());
      CHECK_MESSAGE(found.slice().to_host() == expected.to_host(), name << ": a slice gets other values than an owner");
      CHECK_MESSAGE(found.intact(), name << ": wrote beside its slice");
    }
  }
}

}  // namespace cuunet
