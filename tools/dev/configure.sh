#!/usr/bin/env bash
# Configures a build folder; prints what went wrong or was left out. usage: configure.sh BUILD [CMake options]
set -euo pipefail
build=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cmake -S . -B "$build" -G Ninja "$@" > "$log" 2>&1 || { cat "$log"; exit 1; }
grep '^cuunet: ' "$log" || true
