#!/usr/bin/env bash
# Fuzzes the readers of weights under ASan and UBSan with libFuzzer (needs clang), the conformance files as seeds:
#   tools/dev/fuzz.sh BUILD [SECONDS | libFuzzer options]
# Without a second argument a short run of a fixed seed. What it finds lies in BUILD/fuzz.
set -euo pipefail
build=$1
shift
mkdir -p "$build/fuzz/corpus" "$build/fuzz/seeds"
program=$build/fuzz/weights_file
sources=(tests/fuzz/weights_file.cpp weights/format/*.cpp engine/io/mapped_file.cpp engine/io/atomic_file.cpp)
newer=$([ ! -e "$program" ] || find "${sources[@]}" weights/format/*.h -newer "$program" | head -1)
if [ ! -e "$program" ] || [ -n "$newer" ]; then
  clang++ -std=c++20 -O1 -g -DFMT_HEADER_ONLY -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -I. \
    "${sources[@]}" -o "$program"
fi
find tests/conformance/checkpoints -type f -size -20k ! -name '*.json' -exec cp -t "$build/fuzz/seeds" {} +
cd "$build/fuzz"
options=(-max_len=20000 -timeout=10 -rss_limit_mb=2048)
case ${1:-} in
  '')  # nothing that an earlier run found, so that the seed decides
    found=$(mktemp -d)
    trap 'rm -r "$found"' EXIT
    ./weights_file "${options[@]}" -runs=20000 -seed=1 "$found" seeds
    ;;
  *[!0-9]*) ./weights_file "${options[@]}" "$@" corpus seeds ;;
  *) ./weights_file "${options[@]}" -max_total_time="$1" corpus seeds ;;
esac
