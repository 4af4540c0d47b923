// What only another device than the CPU shows.
#include "tools/verify/verify.h"

#include "engine/device/host_context.h"
#include "kernels/loss/bce_with_logits.h"
#include "tools/verify/case_files.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

const std::filesystem::path ops = CUUNET_SOURCE_DIR "/tests/conformance/ops";

TEST_CASE("operators that a device lacks are failures, also where a call must raise") {
  struct Lacking {
    decltype(bce_with_logits_forward) whole = bce_with_logits_forward;
    Lacking() { bce_with_logits_forward.implement(Device::simt, nullptr); }
    ~Lacking() { bce_with_logits_forward = whole; }
  } lacking;
  HostContext context({.device = Device::simt});
  CaseResult loss = verify(context, {ops / "bce_with_logits.json"}, {.filter = "bce_with_logits/0"}).cases.at(0);
  CHECK(loss.problem == "bce_with_logits_forward is not built for simt; run with --device cpu");
  CHECK_FALSE(loss.passed());
  CHECK_FALSE(verify(context, {ops / "errors.json"}, {.filter = "errors/28"}).passed());  // of unequal shapes
}

TEST_CASE("tf32 rounds the operands of products, and its looser rule is for them alone") {
  HostContext context({.device = Device::simt});
  context.allow_tf32 = true;
  CaseResult matmul = verify(context, {ops / "matmul.json"}, {.filter = "matmul/19"}).cases.at(0);
  CHECK(matmul.passed());
  CHECK(matmul.worst()->share > 0.1);  // plain f32 is 2^12 times nearer
  auto allowed = [](const char* file, const char* tensor, bool tf32) {
    std::vector<double> values{1.0};
    return tolerance_of(read_cases(ops / file).at(1), tensor, values, DType::f32, DType::f32, tf32).at(1);
  };
  CHECK(allowed("matmul.json", "y", true) > 100 * allowed("matmul.json", "y", false));
  CHECK(allowed("weight_norm.json", "y", true) > 100 * allowed("weight_norm.json", "y", false));
  CHECK(allowed("weight_norm.json", "weight", true) == allowed("weight_norm.json", "weight", false));
  CHECK(allowed("tanh.json", "y", true) == allowed("tanh.json", "y", false));
}

}  // namespace
}  // namespace cuunet
