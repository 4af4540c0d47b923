#include "autograd/ops/activation.h"

#include "tools/verify/operators/operators.h"

namespace cuunet {

void run_relu(CaseRun& run) { run.result(relu(run.input("input"))); }
void run_leaky_relu(CaseRun& run) { run.result(leaky_relu(run.input("input"), run.config<double>("negative_slope"))); }
void run_sigmoid(CaseRun& run) { run.result(sigmoid(run.input("input"))); }
void run_tanh(CaseRun& run) { run.result(tanh(run.input("input"))); }

void run_sigmoid_range(CaseRun& run) {
  run.result(sigmoid_range(run.input("input"), run.config<double>("low"), run.config<double>("high")));
}

// dropout2d's mask has one value per map.
void run_dropout(CaseRun& run) {
  run.result(dropout(run.input("input"), run.input("mask").value(), run.config<double>("p")));
}

}  // namespace cuunet
