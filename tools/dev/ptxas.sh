#!/usr/bin/env bash
# Compiles every CUDA source and writes what the assembler says of each kernel to bench/results/ptxas.txt: registers,
# bytes spilt, static shared memory. usage: ptxas.sh [BUILD] [JOBS]
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${1:-build-ptxas}
jobs=${2:-$(nproc)}
tools/dev/configure.sh "$build" -DCUUNET_CUDA=ON -DCUUNET_CUDA_ARCHITECTURES="80-real;90a-real" -DCMAKE_CUDA_FLAGS=-Xptxas=-v
cmake --build "$build" --target clean
cmake --build "$build" -j "$jobs" --target cuunet_cuda | python3 tools/dev/ptxas.py > "$build/ptxas.txt"
mv "$build/ptxas.txt" bench/results/ptxas.txt
