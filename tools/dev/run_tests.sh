#!/usr/bin/env bash
# Runs the tests of a build folder, all or those that ctest's options choose, and ends with one line: N passed, N failed.
# Of tests that pass only the lines of the op table are shown. usage: run_tests.sh [BUILD] [ctest options]
set -uo pipefail
build=${1:-build}
shift || true
export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-3000}  # as tools/main.cpp: tests run beside each other
log=$(mktemp)
trap 'rm -f "$log"' EXIT
ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$(nproc)" "$@" 2>&1 | tee "$log" |
  awk '/op_table/ || !/   Passed  /'
status=${PIPESTATUS[0]}
total=$(sed -n 's/.* tests failed out of \([0-9]*\)$/\1/p' "$log")
failed=$(sed -n 's/.*, \([0-9]*\) tests failed out of .*/\1/p' "$log")
[ -n "$total" ] || { echo "no test was run"; exit 1; }
echo "$((total - failed)) passed, $failed failed"
exit "$status"
