#include "tools/training/interruption.h"

namespace cuunet {
namespace {

volatile std::sig_atomic_t signal_seen = 0;

void remember(int) { signal_seen = 1; }

}  // namespace

Interruption::Interruption() {
  signal_seen = 0;
  struct sigaction once {};
  once.sa_handler = remember;
  once.sa_flags = static_cast<int>(SA_RESETHAND);  // the second signal does what it does without us
  sigemptyset(&once.sa_mask);
  sigaction(SIGINT, &once, &interrupt_before_);
  sigaction(SIGTERM, &once, &terminate_before_);
}

Interruption::~Interruption() {
  sigaction(SIGINT, &interrupt_before_, nullptr);
  sigaction(SIGTERM, &terminate_before_, nullptr);
}

bool Interruption::requested() { return signal_seen != 0; }

}  // namespace cuunet
