#include "tools/verify/operators/operators.h"

#include "engine/device/host_context.h"
#include "kernels/device/error.h"

namespace cuunet {
namespace {

struct Row {
  const char* name;
  OperatorRunner run;
};

constexpr Row rows[] = {
    {"conv2d", run_conv2d},
    {"conv_transpose2d", run_conv_transpose2d},
    {"conv1d", run_conv1d},
    {"linear", run_linear},
    {"matmul", run_matmul},
    {"softmax", run_softmax},
    {"self_attention", run_self_attention},
    {"gram", run_gram},
    {"batch_norm", run_batch_norm},
    {"instance_norm", run_instance_norm},
    {"conv_relu_bn", run_conv_relu_bn},
    {"relu", run_relu},
    {"leaky_relu", run_leaky_relu},
    {"sigmoid", run_sigmoid},
    {"sigmoid_range", run_sigmoid_range},
    {"tanh", run_tanh},
    {"dropout", run_dropout},
    {"dropout2d", run_dropout},
    {"pixel_shuffle", run_pixel_shuffle},
    {"pixel_unshuffle", run_pixel_unshuffle},
    {"max_pool2d", run_max_pool2d},
    {"avg_pool2d", run_avg_pool2d},
    {"blur", run_blur},
    {"adaptive_avg_pool2d", run_adaptive_avg_pool2d},
    {"interpolate_nearest", run_interpolate_nearest},
    {"interpolate_bilinear", run_interpolate_bilinear},
    {"reflection_pad2d", run_reflection_pad2d},
    {"replication_pad2d", run_replication_pad2d},
    {"add", run_add},
    {"mul_scalar", run_mul_scalar},
    {"concat", run_concat},
    {"slice", run_slice},
    {"reduce", run_reduce},
    {"weight_norm", run_weight_norm},
    {"spectral_norm", run_spectral_norm},
    {"l1_loss", run_l1_loss},
    {"mse_loss", run_mse_loss},
    {"smooth_l1_loss", run_smooth_l1_loss},
    {"bce_with_logits", run_bce_with_logits},
    {"total_variation", run_total_variation},
    {"sobel", run_sobel},
    {"sobel_loss", run_sobel_loss},
    {"laplacian", run_laplacian},
    {"laplacian_loss", run_laplacian_loss},
    {"sgd", run_sgd},
    {"adam", run_adam},
    {"adamw", run_adamw},
    {"fastai_adamw", run_fastai_adamw},
    {"rgb_to_grey", run_rgb_to_grey},
    {"rgb_to_yuv", run_rgb_to_yuv},
    {"yuv_to_rgb", run_yuv_to_rgb},
    {"chroma_merge", run_chroma_merge},
    {"rgb_to_lab", run_rgb_to_lab},
    {"ciede2000", run_ciede2000},
    {"psnr", run_psnr},
    {"ssim", run_ssim},
};

bool is_error_case(const Case& which) { return which.name().starts_with("errors/"); }

}  // namespace

OperatorRunner find_operator(const std::string& name) {
  for (const Row& row : rows) {
    if (name == row.name) return row.run;
  }
  return nullptr;
}

void run_operator_case(Context& context, const Case& which, const VerifyOptions& options, Comparison& comparison) {
  DType precision = options.precision;
  if (is_error_case(which)) return run_error_case(context, which, precision, comparison);
  std::string name = which.name().substr(0, which.name().find('/'));
  OperatorRunner run = find_operator(name);
  if (run == nullptr) throw Error("no runner for operator '{}'", name);
  auto run_with = [&](Context& on, DType maps, DType operands, Comparison& outputs) {
    CaseRun case_run(on, which, maps, operands, outputs);
    run(case_run);
    case_run.require_inputs_unchanged();
  };
  // The rounding of the operands alone may change a result beyond any bound (a softmax of logits around 1000), so bf16
  // is held against f64 of the rounded operands, which the CPU has. Products have bounds for that rounding.
  if (precision == DType::bf16 && !which.json().contains("bounds")) {
    Collection yardstick(which, DType::f64);
    HostContext cpu({.threads = context.threads(), .widest = context.isa()});
    run_with(cpu, DType::f64, DType::bf16, yardstick);
    comparison.expect(std::move(yardstick.outputs()));
  }
  run_with(context, precision, precision, comparison);
}

std::vector<Case::Listed> listed_in_operator_case(const Case& which, const VerifyOptions&) {
  if (is_error_case(which)) return {{which.json().at("operator").get<std::string>(), 1}};
  return which.listed();
}

}  // namespace cuunet
