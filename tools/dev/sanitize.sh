#!/usr/bin/env bash
# With ASan and UBSan: the tests that read files and run the host executor, and the executor's table of operators.
set -euo pipefail
build=${1:-build-sanitize}
tools/dev/configure.sh "$build" -DCUUNET_SANITIZE=ON -DCMAKE_BUILD_TYPE=Sanitize
tests=(test_engine test_weights)
[ -f tests/kernels/simt/CMakeLists.txt ] && tests+=(test_simt)
cmake --build "$build" -j "$(nproc)" --target "${tests[@]}" op_table
export UBSAN_OPTIONS=print_stacktrace=1
for test in "${tests[@]}"; do
  echo "sanitized: $test"
  "$(find "$build/tests" -name "$test" -type f)" --minimal
done
for precision in f32 tf32 bf16; do
  python3 tests/conformance/thread_orders.py "$build/tests/op_table" "ASan and UBSan" "$precision" tests/conformance/ops
done
