#!/usr/bin/env bash
# Fuzzes what reads foreign bytes under ASan and UBSan with libFuzzer (needs clang):
#   tools/dev/fuzz.sh BUILD weights_file|image_reader|recipe [SECONDS | libFuzzer options]
# Without a third argument a short run of a fixed seed. What it finds lies in BUILD/fuzz/TARGET.
set -euo pipefail
build=$1
target=$2
shift 2
work=$build/fuzz/$target
mkdir -p "$work/corpus" "$work/seeds"
libraries=()
options=(-max_len=20000 -timeout=20 -rss_limit_mb=2048)
case $target in
  weights_file)
    sources=(weights/format/*.cpp engine/io/mapped_file.cpp engine/io/atomic_file.cpp)
    find tests/conformance/checkpoints -type f -size -20k ! -name '*.json' -exec cp -t "$work/seeds" {} +
    ;;
  image_reader)
    sources=(engine/io/{image_reader,jpeg_decoder,metadata,mapped_file,stb,stb_decoders}.cpp)
    libraries=(-ljpeg)
    cp tests/fuzz/seeds/image_reader/* "$work/seeds"
    ;;
  recipe)
    sources=(tools/training/{recipe,recipe_fields,recipe_settings,one_cycle}.cpp tools/text/nearest_word.cpp
             "$build/generated/built_in_recipes.cpp")
    cp recipes/*.json "$work/seeds"
    ;;
  *)
    echo "cuunet: error: fuzz.sh takes weights_file, image_reader or recipe, got '$target'" >&2
    exit 2
    ;;
esac
sources=("tests/fuzz/$target.cpp" "${sources[@]}")
program=$work/$target
newer=$([ ! -e "$program" ] || find "${sources[@]}" weights/format/*.h engine/io/*.h tools/training/recipe*.h -newer "$program" | head -1)
if [ ! -e "$program" ] || [ -n "$newer" ]; then
  clang++ -std=c++20 -O1 -gline-tables-only -DFMT_HEADER_ONLY -fsanitize=fuzzer,address,undefined \
    -fno-sanitize-recover=undefined -I. -I/usr/include/stb "${sources[@]}" "${libraries[@]}" -o "$program"
fi
cd "$work"
case ${1:-} in
  '')  # nothing that an earlier run found, so that the seed decides
    found=$(mktemp -d)
    trap 'rm -r "$found"' EXIT
    "./$target" "${options[@]}" -runs=20000 -seed=1 "$found" seeds
    ;;
  *[!0-9]*) "./$target" "${options[@]}" "$@" corpus seeds ;;
  *) "./$target" "${options[@]}" -max_total_time="$1" corpus seeds ;;
esac
