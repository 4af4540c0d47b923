// The family nectargan: Pix2pix's generator, discriminator and losses beside NectarGAN's numbers. One runner per kind
// of case, by the first word of its name.
#pragma once

#include "tools/verify/network_case.h"

namespace cuunet {

void run_nectargan_manifest(NetworkCase&);   // manifest_*
void run_nectargan_generator(NetworkCase&);  // unet_*
void run_nectargan_patches(NetworkCase&);    // patchgan_*
void run_nectargan_loss(NetworkCase&);       // loss_*

void run_nectargan_validity(NetworkCase&);  // validity: which sizes of pictures are taken

void run_nectargan_case(Context&, const Case&, const VerifyOptions&, Comparison&);
std::vector<Case::Listed> listed_in_nectargan_case(const Case&, const VerifyOptions&);

}  // namespace cuunet
