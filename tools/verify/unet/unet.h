// The family fastai_unet: networks, losses, training and augmentation beside fastai's. One runner per kind of case, by
// the first word of the case's name; every number goes through the project's own layers, autograd and training step.
#pragma once

#include "layers/module/module.h"
#include "tools/verify/verify.h"

namespace cuunet {

// What a runner works with.
struct UnetCase {
  Context& context;
  const Case& definition;
  const VerifyOptions& options;
  Comparison& comparison;

  const nlohmann::json& at(const char* key) const { return definition.json().at(key); }
  DType dtype() const { return options.precision; }
  Placement placement() const { return {.context = context, .dtype = dtype()}; }
  Tensor input(const std::string& name) const;
};

using UnetRunner = void (*)(UnetCase&);

void run_manifest(UnetCase&);           // manifest_*: names, shapes and types of a state dict, in order
void run_icnr(UnetCase&);               // icnr_*: how a convolution before a pixel shuffle begins
void run_module(UnetCase&);             // shuffle_*, self_attention_*, unet_conv_layer_*, res_block_*
void run_evaluation(UnetCase&);         // eval_*: a network's forward pass and its layers' outputs
void run_gradients(UnetCase&);          // train_*: forward and backward in training mode
void run_feature_loss(UnetCase&);       // loss_*
void run_trajectory(UnetCase&);         // traj_*: steps of training; no more than VerifyOptions::steps
void run_schedule(UnetCase&);           // schedule_one_cycle
void run_augmentation_case(UnetCase&);  // aug_*

void run_unet_case(Context&, const Case&, const VerifyOptions&, Comparison&);

// Besides outputs, probes and scalars: shapes of activations and taps, gradients that are zero, entries of state dicts,
// rates of schedules, losses and rates of each step.
std::vector<Case::Listed> listed_in_unet_case(const Case&, const VerifyOptions&);

}  // namespace cuunet
