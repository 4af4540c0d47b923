#!/usr/bin/env bash
# Runs every test of a build folder and ends with one line: N passed, N failed.
set -uo pipefail
build=${1:-build}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$(nproc)" 2>&1 | tee "$log" | grep -v '   Passed  '
status=${PIPESTATUS[0]}
total=$(sed -n 's/.* tests failed out of \([0-9]*\)$/\1/p' "$log")
failed=$(sed -n 's/.*, \([0-9]*\) tests failed out of .*/\1/p' "$log")
[ -n "$total" ] || { echo "no test was run"; exit 1; }
echo "$((total - failed)) passed, $failed failed"
exit "$status"
