// The family "ops": one runner per operator, each a few lines that call the operator of autograd/ops.
#pragma once

#include "tools/verify/operators/case_run.h"

#include <string>

namespace cuunet {

using OperatorRunner = void (*)(CaseRun&);
OperatorRunner find_operator(const std::string& name);  // null when there is none

// A Family's functions. Rows of errors.json have the name "errors/<number>".
void run_operator_case(Context&, const Case&, DType precision, Comparison&);
std::vector<Case::Listed> listed_in_operator_case(const Case&);

// A call that must raise, or must not; see errors.cpp.
void run_error_case(Context&, const Case&, DType precision, Comparison&);

// activation.cpp
void run_relu(CaseRun&);

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

}  // namespace cuunet
