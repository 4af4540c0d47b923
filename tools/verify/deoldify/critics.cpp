// The critic's scores, its own loss on real and fake, and the gradient that it hands a generator.
#include "autograd/ops/arithmetic.h"
#include "autograd/ops/loss.h"
#include "layers/models/deoldify_critic.h"
#include "tools/verify/deoldify/deoldify.h"
#include "tools/verify/network_results.h"

namespace cuunet {
namespace {

// Mean over pictures and positions, all with one label.
Var score_loss(const Var& scores, double label) {
  std::vector<double> labels(static_cast<size_t>(scores.value().elements()), label);
  return bce_with_logits(scores, Var(Tensor::from_host(scores.context(), scores.shape(), scores.value().dtype(),
                                                       std::span<const double>(labels))));
}

void compare_state(NetworkCase& run, DeOldifyCritic& critic) {
  std::map<std::string, StateEntry> state;
  for (const StateEntry& entry : critic.state()) state.emplace(entry.name, entry);
  for (const std::string& name : expected_tensors(run.definition)) {
    if (name.starts_with("score") || name == "grad/input") continue;
    const StateEntry& entry = state.at(name.substr(name.find('/') + 1));
    run.comparison.tensor(name, name.starts_with("grad/") ? entry.parameter->var.gradient() : entry.value);
  }
}

void run_for_generator(NetworkCase& run, DeOldifyCritic& critic) {
  critic.set_training(false);
  critic.set_trainable(false);
  Var input = Var::leaf(run.input("input"));
  Tape tape;
  Var scores, loss;
  {
    Recording recording(tape);
    scores = critic(input);
    loss = score_loss(scores, 1);
  }
  tape.backward(loss);
  run.comparison.tensor("score", scores.value());
  run.comparison.tensor("grad/input", input.gradient());
  compare_scalar(run, "loss", loss.value().item());
  compare_sigmas(run, "sigma", critic);
}

void run_training(NetworkCase& run, DeOldifyCritic& critic) {
  Tape tape;
  Var real, fake, real_loss, fake_loss, loss;
  {
    Recording recording(tape);
    real = critic(Var(run.input("real")));
    compare_sigmas(run, "sigma_first", critic);
    fake = critic(Var(run.input("fake")));
    compare_sigmas(run, "sigma_second", critic);
    real_loss = score_loss(real, 1), fake_loss = score_loss(fake, 0);
    loss = mul_scalar(add(real_loss, fake_loss), 0.5);
  }
  tape.backward(loss);
  run.comparison.tensor("score_real", real.value());
  run.comparison.tensor("score_fake", fake.value());
  compare_scalar(run, "loss", loss.value().item());
  compare_scalar(run, "loss_real", real_loss.value().item());
  compare_scalar(run, "loss_fake", fake_loss.value().item());
  compare_state(run, critic);
}

}  // namespace

void run_deoldify_critic(NetworkCase& run) {
  const nlohmann::json& model = run.at("model");
  DeOldifyCritic critic(
      run.placement(),
      {.channels = model.at("n_channels"), .width = model.at("nf"), .blocks = model.at("n_blocks"), .dropout = 0});
  fill_network(critic, run.definition.json());
  if (run.at("mode") == "eval") return run_for_generator(run, critic);
  run_training(run, critic);
}

}  // namespace cuunet
