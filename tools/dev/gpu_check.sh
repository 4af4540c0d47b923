#!/usr/bin/env bash
# Everything that only a GPU can show, in one command; see gpu_check.py.
exec python3 "$(dirname "$0")/gpu_check.py" "$@"
