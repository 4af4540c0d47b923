// torch.nn.ConvTranspose2d. x: [N, in, H, W] → [N, out, H', W'], H' = (H - 1)·stride - 2·padding + kernel +
// output_padding.
#pragma once

#include "layers/module/module.h"

namespace cuunet {

struct ConvTranspose2dOptions {
  int64_t in, out;
  int kernel = 4, stride = 2, padding = 1;
  int output_padding = 0;  // rows below and columns to the right
  bool bias = true;
};

class ConvTranspose2d final : public Module {
 public:
  ConvTranspose2d(const Placement& placement, const ConvTranspose2dOptions& options);

 private:
  Var forward(const Var& x) override;
  ConvTranspose2dOptions options_;
  Parameter& weight_;  // [in, out, kernel, kernel]
  Parameter* bias_ = nullptr;
};

}  // namespace cuunet
