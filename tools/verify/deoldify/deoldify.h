// The family deoldify: DeOldify's generators, critic and losses beside the original's numbers. One runner per kind of
// case, by the first words of its name.
#pragma once

#include "tools/verify/network_case.h"

namespace cuunet {

void run_deoldify_manifest(NetworkCase&);   // manifest_*: names, shapes, kinds, learning-rate groups
void run_deoldify_module(NetworkCase&);     // attention_*, res_block_spectral, upsample_weight_norm, block_*
void run_deoldify_generator(NetworkCase&);  // deep_*, wide_*: forward and, where there is a target, backward
void run_deoldify_critic(NetworkCase&);     // critic_*
void run_deoldify_loss(NetworkCase&);       // loss_feature
void run_deoldify_pipeline(NetworkCase&);   // pipeline_*: a photograph, stage by stage

void run_deoldify_case(Context&, const Case&, const VerifyOptions&, Comparison&);
std::vector<Case::Listed> listed_in_deoldify_case(const Case&, const VerifyOptions&);

// "sigma/<layer>" for every spectral norm below a network: u · (W v), with the vectors its last forward pass left.
void compare_sigmas(NetworkCase&, const std::string& group, Module& network);

}  // namespace cuunet
