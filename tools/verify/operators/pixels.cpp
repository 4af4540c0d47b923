// Rearrangements, pooling, resampling and padding of pixels.
#include "autograd/ops/pixel_shuffle.h"
#include "autograd/ops/pool.h"
#include "autograd/ops/reduce.h"
#include "autograd/ops/resample.h"
#include "tools/verify/operators/operators.h"

namespace cuunet {
namespace {

void run_pad(CaseRun& run, PaddingMode mode) {
  PadParams params{.left = run.config<int64_t>("left"),
                   .right = run.config<int64_t>("right"),
                   .top = run.config<int64_t>("top"),
                   .bottom = run.config<int64_t>("bottom"),
                   .mode = mode};
  run.result(pad2d(run.input("input"), params));
}

// To config "size", or by config "scale_factor".
void run_interpolate(CaseRun& run, Interpolation kind) {
  Var x = run.input("input");
  auto factor = run.config<int64_t>("scale_factor", 1);
  std::vector<int64_t> size{x.shape()[2] * factor, x.shape()[3] * factor};
  size = run.config("size", size);
  run.result(interpolate(x, size[0], size[1], kind));
}

}  // namespace

void run_pixel_shuffle(CaseRun& run) { run.result(pixel_shuffle(run.input("input"), run.config<int>("factor"))); }
void run_pixel_unshuffle(CaseRun& run) { run.result(pixel_unshuffle(run.input("input"), run.config<int>("factor"))); }

void run_max_pool2d(CaseRun& run) {
  MaxPoolParams params{
      .kernel = run.config<int>("kernel"), .stride = run.config<int>("stride"), .padding = run.config<int>("padding")};
  Tensor indices;
  run.result(max_pool2d(run.input("input"), params, &indices));
  run.output("indices", indices);
}

void run_avg_pool2d(CaseRun& run) {
  AvgPoolParams params{.kernel = run.config<int>("kernel"), .stride = run.config<int>("stride")};
  run.result(avg_pool2d(run.input("input"), params));
}

void run_blur(CaseRun& run) { run.result(blur(run.input("input"))); }
void run_adaptive_avg_pool2d(CaseRun& run) { run.result(adaptive_avg_pool2d(run.input("input"))); }

void run_interpolate_nearest(CaseRun& run) { run_interpolate(run, Interpolation::nearest); }
void run_interpolate_bilinear(CaseRun& run) {
  bool corners = run.config<bool>("align_corners");
  run_interpolate(run, corners ? Interpolation::bilinear_align_corners : Interpolation::bilinear);
}

void run_reflection_pad2d(CaseRun& run) { run_pad(run, PaddingMode::reflect); }
void run_replication_pad2d(CaseRun& run) { run_pad(run, PaddingMode::replicate); }

}  // namespace cuunet
