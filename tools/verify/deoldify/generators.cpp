#include "autograd/ops/loss.h"
#include "layers/models/dynamic_unet.h"
#include "tools/verify/deoldify/deoldify.h"
#include "tools/verify/network_results.h"

#include <algorithm>

namespace cuunet {
namespace {

using Json = nlohmann::json;

// "resnet34 without its last two children (pool, fc)"
std::string first_word(const std::string& text) { return text.substr(0, text.find(' ')); }

DynamicUnetOptions options_of(const Json& model) {
  Decoder decoder = model.at("class") == "DynamicUnetDeep" ? Decoder::deep : Decoder::wide;
  return deoldify_options(decoder, first_word(model.at("encoder")), model.at("nf_factor"));
}

// Every batch norm has counted the one batch.
void compare_batch_counts(NetworkCase& run, Module& network) {
  if (!run.definition.json().contains("exact")) return;
  bool all = true;
  for (const StateEntry& entry : network.state()) {
    if (entry.name.ends_with("num_batches_tracked")) all = all && entry.value.to_host() == std::vector<double>{1};
  }
  run.comparison.fact("exact", all, "a batch norm's num_batches_tracked is not 1");
}

}  // namespace

void run_deoldify_generator(NetworkCase& run) {
  DynamicUnet network(run.placement(), options_of(run.at("model")));
  fill_network(network, run.definition.json());
  network.set_training(run.at("mode") == "train");
  bool backward = run.definition.has_input("target");
  Var input(run.input("input"));
  Tape tape;
  Var output, loss;
  {
    ActivationComparison activations(run);
    std::optional<Recording> recording;
    if (backward) recording.emplace(tape);
    output = network(input);
    if (backward) loss = l1_loss(output, Var(run.input("target")));
  }
  if (backward) {
    tape.backward(loss);
    compare_scalar(run, "loss", loss.value().item());
  }
  compare_results(run, {.inputs = {}, .output = output, .network = network});
  compare_sigmas(run, "sigma", network);
  compare_batch_counts(run, network);
}

}  // namespace cuunet
