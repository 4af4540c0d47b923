#include "tools/verify/checkpoints/checkpoints.h"
#include "tools/verify/deoldify/deoldify.h"
#include "tools/verify/nectargan/nectargan.h"
#include "tools/verify/operators/operators.h"
#include "tools/verify/unet/unet.h"
#include "tools/verify/verify.h"

namespace cuunet {
namespace {

// One row per family. `run` computes a case through layers and autograd and hands every output to the Comparison.
constexpr Family families[] = {
    {.name = "checkpoints", .run = run_checkpoint_case, .listed = listed_in_checkpoint_case},
    {.name = "deoldify", .run = run_deoldify_case, .listed = listed_in_deoldify_case},
    {.name = "fastai_unet", .run = run_unet_case, .listed = listed_in_unet_case},
    {.name = "nectargan", .run = run_nectargan_case, .listed = listed_in_nectargan_case},
    ops_family,
};

}  // namespace

const Family* find_family(const std::string& name) {
  for (const Family& family : families) {
    if (name == family.name) return &family;
  }
  return nullptr;
}

}  // namespace cuunet
