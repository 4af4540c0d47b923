// Ctrl-C and SIGTERM as a question: has someone asked this program to stop? The step in progress is then finished and
// saved. A second signal of the kind ends the program at once.
#pragma once

#include <csignal>

namespace cuunet {

class Interruption {
 public:
  Interruption();   // catches SIGINT and SIGTERM; one at a time
  ~Interruption();  // as it was before
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  static bool requested();

 private:
  struct sigaction interrupt_before_, terminate_before_;
};

}  // namespace cuunet
