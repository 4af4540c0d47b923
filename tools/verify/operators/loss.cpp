#include "autograd/ops/loss.h"

#include "tools/verify/operators/operators.h"

namespace cuunet {
namespace {

Reduction reduction_of(const CaseRun& run) {
  return run.config<std::string>("reduction") == "mean" ? Reduction::mean : Reduction::sum;
}

PaddingMode padding_of(const CaseRun& run) {
  return run.config<std::string>("padding_mode") == "reflect" ? PaddingMode::reflect : PaddingMode::zeros;
}

}  // namespace

void run_l1_loss(CaseRun& run) { run.result(l1_loss(run.input("input"), run.input("target"), reduction_of(run))); }
void run_mse_loss(CaseRun& run) { run.result(mse_loss(run.input("input"), run.input("target"), reduction_of(run))); }

void run_smooth_l1_loss(CaseRun& run) {
  SmoothL1Params params{.reduction = reduction_of(run), .beta = run.config<double>("beta")};
  run.result(smooth_l1_loss(run.input("input"), run.input("target"), params));
}

void run_bce_with_logits(CaseRun& run) {
  run.result(bce_with_logits(run.input("input"), run.input("target"), reduction_of(run)));
}

void run_total_variation(CaseRun& run) { run.result(total_variation(run.input("input"), reduction_of(run))); }

void run_sobel(CaseRun& run) {
  SobelMaps maps = sobel(run.input("input"), padding_of(run));
  run.output("gx", maps.gx);
  run.output("gy", maps.gy);
  run.result(maps.magnitude);
}

void run_laplacian(CaseRun& run) { run.result(laplacian(run.input("input"), padding_of(run))); }
void run_sobel_loss(CaseRun& run) { run.result(sobel_loss(run.input("fake"), run.input("real"))); }
void run_laplacian_loss(CaseRun& run) { run.result(laplacian_loss(run.input("fake"), run.input("real"))); }

}  // namespace cuunet
