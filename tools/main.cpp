#include "tools/program.h"

#include <unistd.h>

#include <cstdlib>

// OpenMP's threads spin for milliseconds while they wait for each other. Where other programs want the processors too,
// that makes the network two to seven times slower (inference at 128 px on two cores beside compilers,
// GOMP_SPINCOUNT=300000, which is libgomp's own, against 3000); where there are none, it gains nothing. libgomp reads
// the count when the program is loaded: so it is started once more.
static void spin_briefly(char** argv) {
  if (std::getenv("GOMP_SPINCOUNT") != nullptr || std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  setenv("GOMP_SPINCOUNT", "3000", 0);  // 0.03 ms
  execv("/proc/self/exe", argv);        // where that fails, it works all the same
}

int main(int argc, char** argv) {
  spin_briefly(argv);
  return cuunet::run_program(argc, argv);
}
