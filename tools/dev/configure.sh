#!/usr/bin/env bash
# Configures a build folder; prints only when that fails. usage: configure.sh BUILD [CMake options]
set -euo pipefail
build=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cmake -S . -B "$build" -G Ninja "$@" > "$log" 2>&1 || { cat "$log"; exit 1; }
