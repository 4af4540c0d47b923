"""Rehearses tools/dev/gpu_check.py without a GPU; then sees that it names what fails or hangs, and goes on.

Usage: gpu_check.py ROOT BUILD
"""

import pathlib
import re
import subprocess
import sys
import tempfile

# A program of which nothing is right: one command fails, another never ends.
PROGRAM = """#!/bin/sh
case $1 in
  verify) exit 3;;
  bench) exec sleep 600;;
esac
"""


def check(root, out, *options):
    """The exit code, and {step: its result and what is said of it}."""
    command = [root / "tools/dev/gpu_check.sh", out, "--device", "simt", *options]
    done = subprocess.run([str(word) for word in command], text=True, capture_output=True)
    table = (out / "summary.txt").read_text()
    rows = re.findall(r"^(\S+) +(\S+) +[\d.]+ s *(.*)$", table, re.MULTILINE)
    found = {name: f"{result} {why}".strip() for name, result, why in rows}
    return done.returncode, found, done.stdout + done.stderr


def rehearse(root, build, folder):
    code, rows, said = check(root, folder / "rehearsal", "--build-dir", build)
    if code != 0 or any(row.startswith("FAIL") for row in rows.values()):
        logs = "".join(f"== {path.name}\n{path.read_text()}" for path in sorted((folder / "rehearsal").glob("*.log")))
        sys.exit(said + logs)
    families = {f"verify-{name}-f32-native" for name in ("checkpoints", "deoldify", "fastai_unet", "nectargan", "ops")}
    expected = families | {"machine", "intrinsics", "verify-ops-bf16-native", "train-f32", "sanitize-racecheck-f32",
                           "bench-f32-native"}
    if not expected <= rows.keys():
        sys.exit(f"expected the steps {sorted(expected)}, found\n{said}")


def fail(root, folder):
    program = folder / "cuunet"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    stages = ["--only", "intrinsics", "verify", "bench", "peers", "--limit", "6"]
    code, rows, said = check(root, folder / "failures", "--build-dir", folder, *stages)
    expected = {"verify-ops-f32-native": "FAIL cuunet: exit code 3",
                "verify-fastai_unet-f32-native": "FAIL cuunet: exit code 3",
                "bench-f32-native": "FAIL time limit"}
    if code != 1 or not expected.items() <= rows.items():
        sys.exit(f"exit code {code}, expected 1 and {expected}, found\n{said}")
    if not rows["intrinsics"].endswith("No such file or directory") or not rows["peers"].startswith("skip"):
        sys.exit(said)


def main(root, build):
    with tempfile.TemporaryDirectory() as name:
        fail(root, pathlib.Path(name))
        rehearse(root, build, pathlib.Path(name))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
