#!/usr/bin/env bash
# Builds the tests of the engine and of the kernels with ASan and UBSan and runs those that read files and run the host
# executor. With --op-table the whole program is built so, too, and the executor runs the table of operators.
set -euo pipefail
build=${1:-build-sanitize}
tools/dev/configure.sh "$build" -DCUUNET_SANITIZE=ON -DCMAKE_BUILD_TYPE=Sanitize
targets=(test_engine test_weights)
[ -f tests/kernels/simt/CMakeLists.txt ] && targets+=(test_simt)
export UBSAN_OPTIONS=print_stacktrace=1
if [ "${2:-}" = --op-table ]; then
  cmake --build "$build" -j "$(nproc)" --target cuunet
  for precision in f32 tf32 bf16; do
    python3 tests/conformance/thread_orders.py "$build/cuunet" "ASan and UBSan" "$precision" tests/conformance/ops
  done
  exit
fi
cmake --build "$build" -j "$(nproc)" --target "${targets[@]}"
for target in "${targets[@]}"; do
  echo "sanitized: $target"
  "$(find "$build/tests" -name "$target" -type f)" --minimal
done
