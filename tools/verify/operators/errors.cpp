// Which calls must raise, and which must not: the rows of errors.json. Each call runs as users of autograd/ops make it,
// on tensors of zeros of the row's shapes.
#include "autograd/ops/activation.h"
#include "autograd/ops/arithmetic.h"
#include "autograd/ops/attention.h"
#include "autograd/ops/conv.h"
#include "autograd/ops/linalg.h"
#include "autograd/ops/loss.h"
#include "autograd/ops/norm.h"
#include "autograd/ops/pixel_shuffle.h"
#include "autograd/ops/pool.h"
#include "autograd/ops/resample.h"
#include "kernels/device/error.h"
#include "tools/verify/operators/operators.h"

namespace cuunet {
namespace {

class Call {
 public:
  Call(Context& context, DType dtype, const nlohmann::json& row) : context_(context), dtype_(dtype), row_(row) {}

  Var operand(size_t i) const { return zeros(Shape(row_.at("shapes").at(i).get<std::vector<int64_t>>())); }
  Var zeros(const Shape& shape) const { return Var::leaf(Tensor::zeros(context_, shape, dtype_)); }
  Var parameter(const Shape& shape) const {
    return Var::leaf(Tensor::zeros(context_, shape, dtype_ == DType::f64 ? DType::f64 : DType::f32));
  }
  // The second shape, or of a layer that is only described, the weight [4, channels of the first, kernel, kernel].
  Var weight() const {
    if (row_.at("shapes").size() > 1) return operand(1);
    auto kernel = config<int64_t>("kernel", 1);
    return parameter({4, operand(0).shape()[1], kernel, kernel});
  }
  template <class T>
  T config(const char* key, T fallback) const {
    return row_.at("config").value(key, fallback);
  }

 private:
  Context& context_;
  DType dtype_;
  const nlohmann::json& row_;
};

void call_batch_norm(const Call& call) {
  Var x = call.operand(0);
  auto channels = call.config<int64_t>("channels", x.shape()[1]);
  auto parameter = [&] { return call.parameter({channels}); };
  batch_norm(x, parameter(), parameter(), parameter().value(), parameter().value(),
             {.training = call.config<std::string>("mode", "train") == "train"});
}

void call_conv2d(const Call& call) {
  conv2d(call.operand(0), call.weight(), Var(),
         {.stride = call.config<int>("stride", 1),
          .padding = call.config<int>("padding", 0),
          .padding_mode = padding_mode_named(call.config<std::string>("padding_mode", "zeros"))});
}

void call_pad(const Call& call, PaddingMode mode) {
  pad2d(call.operand(0), {.left = call.config<int64_t>("left", 0),
                          .right = call.config<int64_t>("right", 0),
                          .top = call.config<int64_t>("top", 0),
                          .bottom = call.config<int64_t>("bottom", 0),
                          .mode = mode});
}

void call_max_pool2d(const Call& call) {
  max_pool2d(call.operand(0), {.kernel = call.config<int>("kernel", 2),
                               .stride = call.config<int>("stride", 2),
                               .padding = call.config<int>("padding", 0)});
}

void call_interpolate_nearest(const Call& call) {
  auto size = call.config("size", std::vector<int64_t>{});
  interpolate(call.operand(0), size.at(0), size.at(1), Interpolation::nearest);
}

// Backward more than once, or, without a config, from a tensor that is not one number.
void call_backward(const Call& call) {
  Tape tape;
  Var y;
  {
    Recording recording(tape);
    y = tanh(call.operand(0));
  }
  auto times = call.config<int>("times", 0);
  if (times == 0) tape.backward(y);
  for (int i = 0; i < times; ++i) tape.backward(y, y.value());
}

struct Row {
  const char* name;
  void (*run)(const Call&);
};

constexpr Row rows[] = {
    {"batch_norm", call_batch_norm},
    {"instance_norm", [](const Call& call) { instance_norm(call.operand(0)); }},
    {"conv2d", call_conv2d},
    {"conv_transpose2d",
     [](const Call& call) {
       ConvTranspose2dParams params{.stride = call.config<int>("stride", 1), .padding = call.config<int>("padding", 0)};
       conv_transpose2d(call.operand(0), call.operand(1), Var(), params);
     }},
    {"matmul", [](const Call& call) { matmul(call.operand(0), call.operand(1)); }},
    {"linear", [](const Call& call) { linear(call.operand(0), call.operand(1), Var()); }},
    {"softmax", [](const Call& call) { softmax(call.operand(0), call.config<int>("dim", 1)); }},
    {"reflection_pad2d", [](const Call& call) { call_pad(call, PaddingMode::reflect); }},
    {"replication_pad2d", [](const Call& call) { call_pad(call, PaddingMode::replicate); }},
    {"max_pool2d", call_max_pool2d},
    {"avg_pool2d",
     [](const Call& call) {
       avg_pool2d(call.operand(0), {.kernel = call.config<int>("kernel", 2), .stride = call.config<int>("stride", 2)});
     }},
    {"concat",
     [](const Call& call) {
       concat({call.operand(0), call.operand(1)});
     }},
    {"add", [](const Call& call) { add(call.operand(0), call.operand(1)); }},
    {"pixel_shuffle", [](const Call& call) { pixel_shuffle(call.operand(0), call.config<int>("factor", 2)); }},
    {"pixel_unshuffle", [](const Call& call) { pixel_unshuffle(call.operand(0), call.config<int>("factor", 2)); }},
    {"interpolate_nearest", call_interpolate_nearest},
    {"bce_with_logits", [](const Call& call) { bce_with_logits(call.operand(0), call.operand(1).detach()); }},
    {"l1_loss", [](const Call& call) { l1_loss(call.operand(0), call.operand(1)); }},
    {"dropout", [](const Call& call) { dropout(call.operand(0), {.p = call.config<double>("p", 0.5)}); }},
    {"backward", call_backward},
};

const Row* find_row(const std::string& name) {
  for (const Row& row : rows) {
    if (name == row.name) return &row;
  }
  return nullptr;
}

// What the call says when it raises, else nothing.
std::string message_of(const Row& row, const Call& call) {
  try {
    row.run(call);
    return "";
  } catch (const Error& error) {
    std::string message = error.what();
    if (message.find("is not built for") != std::string::npos) throw;  // what Operator says; nothing about the call
    return message;
  }
}

}  // namespace

void run_error_case(Context& context, const Case& which, DType precision, Comparison& comparison) {
  const nlohmann::json& json = which.json();
  auto name = json.at("operator").get<std::string>();
  const Row* row = find_row(name);
  if (row == nullptr) throw Error("no runner for a call of '{}'", name);
  std::string message = message_of(*row, Call(context, precision, json));
  auto why = json.at("why").get<std::string>();
  bool must_raise = json.at("raises").get<bool>();
  bool may_refuse = why.find("may refuse") != std::string::npos;
  std::string problem = must_raise ? "raised nothing" : "raised: " + message;
  comparison.fact(name, message.empty() != must_raise || (may_refuse && !must_raise), problem + " (" + why + ")");
}

}  // namespace cuunet
