// Every operator with its autograd function, and modules of the network, where host code cannot reach the device's
// memory: whatever touches it other than by kernels, uploads and downloads ends this program.
#include "kernels/device/error.h"
#include "tests/engine/device/far_context.h"
#include "tools/verify/verify.h"

#include <doctest/doctest.h>

namespace cuunet {
namespace {

TEST_CASE("operators and modules run on memory that the host cannot reach") {
  FarContext context;
  std::filesystem::path cases = CUUNET_SOURCE_DIR "/tests/conformance";
  std::vector<std::filesystem::path> paths{cases / "ops"};
  for (const char* name : {"icnr_3x3", "shuffle_spectral_train", "shuffle_weight_blur_v61",
                           "unet_conv_layer_batch_train", "res_block_batch_train", "self_attention_train"}) {
    paths.push_back(cases / "fastai_unet" / fmt::format("{}.json", name));
  }
  VerifyReport report = verify(context, paths);
  CHECK(report.cases.size() == 477 + 6);  // ops and modules
  for (const CaseResult& result : report.cases) {
    CAPTURE(result.title);
    CHECK(result.problem == "");
    CHECK(result.passed());
  }
  CHECK(report.passed());
}

}  // namespace
}  // namespace cuunet
