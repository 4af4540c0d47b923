// The family "ops": one runner per operator, each a few lines that call the operator of autograd/ops.
#pragma once

#include "kernels/device/padding.h"
#include "tools/verify/operators/case_run.h"
#include "tools/verify/verify.h"

#include <string>

namespace cuunet {

using OperatorRunner = void (*)(CaseRun&);
OperatorRunner find_operator(const std::string& name);  // null when there is none

// Rows of errors.json have the name "errors/<number>".
void run_operator_case(Context&, const Case&, const VerifyOptions&, Comparison&);
std::vector<Case::Listed> listed_in_operator_case(const Case&, const VerifyOptions&);
inline constexpr Family ops_family{.name = "ops", .run = run_operator_case, .listed = listed_in_operator_case};

// A call that must raise, or must not; see errors.cpp.
void run_error_case(Context&, const Case&, DType precision, Comparison&);

// activation.cpp
void run_relu(CaseRun&);
void run_leaky_relu(CaseRun&);
void run_sigmoid(CaseRun&);
void run_sigmoid_range(CaseRun&);
void run_tanh(CaseRun&);
void run_dropout(CaseRun&);

// conv.cpp
PaddingMode padding_mode_named(const std::string& name);
void run_conv2d(CaseRun&);
void run_conv_transpose2d(CaseRun&);
void run_conv1d(CaseRun&);

// linalg.cpp
void run_matmul(CaseRun&);
void run_linear(CaseRun&);
void run_softmax(CaseRun&);
void run_self_attention(CaseRun&);
void run_gram(CaseRun&);

// norm.cpp
void run_batch_norm(CaseRun&);
void run_instance_norm(CaseRun&);
void run_conv_relu_bn(CaseRun&);

// pixels.cpp
void run_pixel_shuffle(CaseRun&);
void run_pixel_unshuffle(CaseRun&);
void run_max_pool2d(CaseRun&);
void run_avg_pool2d(CaseRun&);
void run_blur(CaseRun&);
void run_adaptive_avg_pool2d(CaseRun&);
void run_interpolate_nearest(CaseRun&);
void run_interpolate_bilinear(CaseRun&);
void run_reflection_pad2d(CaseRun&);
void run_replication_pad2d(CaseRun&);

// arithmetic.cpp
void run_add(CaseRun&);
void run_mul_scalar(CaseRun&);
void run_concat(CaseRun&);
void run_slice(CaseRun&);
void run_reduce(CaseRun&);

// weight_norms.cpp
void run_weight_norm(CaseRun&);
void run_spectral_norm(CaseRun&);

// loss.cpp
void run_l1_loss(CaseRun&);
void run_mse_loss(CaseRun&);
void run_smooth_l1_loss(CaseRun&);
void run_bce_with_logits(CaseRun&);
void run_total_variation(CaseRun&);
void run_sobel(CaseRun&);
void run_sobel_loss(CaseRun&);
void run_laplacian(CaseRun&);
void run_laplacian_loss(CaseRun&);

// optim.cpp
void run_sgd(CaseRun&);
void run_adam(CaseRun&);
void run_adamw(CaseRun&);
void run_fastai_adamw(CaseRun&);

// image.cpp
void run_rgb_to_grey(CaseRun&);
void run_rgb_to_yuv(CaseRun&);
void run_yuv_to_rgb(CaseRun&);
void run_chroma_merge(CaseRun&);
void run_rgb_to_lab(CaseRun&);
void run_ciede2000(CaseRun&);
void run_psnr(CaseRun&);
void run_ssim(CaseRun&);

}  // namespace cuunet
