// The family fastai_unet: networks, losses, training and augmentation beside fastai's. One runner per kind of case, by
// the first word of the case's name; every number goes through the project's own layers, autograd and training step.
#pragma once

#include "tools/verify/network_case.h"

namespace cuunet {

void run_manifest(NetworkCase&);           // manifest_*: names, shapes and types of a state dict, in order
void run_icnr(NetworkCase&);               // icnr_*: how a convolution before a pixel shuffle begins
void run_module(NetworkCase&);             // shuffle_*, self_attention_*, unet_conv_layer_*, res_block_*
void run_evaluation(NetworkCase&);         // eval_*: a network's forward pass and its layers' outputs
void run_gradients(NetworkCase&);          // train_*: forward and backward in training mode
void run_feature_loss(NetworkCase&);       // loss_*
void run_trajectory(NetworkCase&);         // traj_*: steps of training; no more than VerifyOptions::steps
void run_schedule(NetworkCase&);           // schedule_one_cycle
void run_augmentation_case(NetworkCase&);  // aug_*

void run_unet_case(Context&, const Case&, const VerifyOptions&, Comparison&);

// Besides outputs, probes and scalars: shapes of activations and taps, gradients that are zero, entries of state dicts,
// rates of schedules, losses and rates of each step.
std::vector<Case::Listed> listed_in_unet_case(const Case&, const VerifyOptions&);

}  // namespace cuunet
