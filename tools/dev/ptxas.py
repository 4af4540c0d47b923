"""Reads the output of `nvcc -Xptxas=-v` and prints one line per kernel; names those that spill."""
import re
import subprocess
import sys

ENTRY = re.compile(r"Compiling entry function '(\S+)' for '(\S+)'")
SPILLS = re.compile(r"(\d+) bytes spill stores, (\d+) bytes spill loads")
USED = re.compile(r"Used (\d+) registers(?:.*?(\d+) bytes smem)?")


def demangled(names):
    result = subprocess.run(["c++filt"], input="\n".join(names), capture_output=True, text=True, check=True)
    lines = result.stdout.splitlines()
    return [re.sub(r"\(anonymous namespace\)::|cuunet::cuda::|cuunet::|^void ", "", line) for line in lines]


def without_parameters(name):
    depth = 0
    for at, letter in enumerate(name):
        depth += letter == "<"
        depth -= letter == ">"
        if letter == "(" and depth == 0:
            return name[:at]
    return name


def kernels(lines):
    entry = spills = None
    for line in lines:
        if match := ENTRY.search(line):
            entry = match.groups()
        elif match := SPILLS.search(line):
            spills = int(match[1]) + int(match[2])
        elif (match := USED.search(line)) and entry:
            yield (*entry, int(match[1]), spills, int(match[2] or 0))
            entry = None


def main():
    found = list(kernels(sys.stdin))
    if not found:
        sys.exit("no kernel in the compiler's output: was it built with -Xptxas=-v?")
    names = [without_parameters(name) for name in demangled([row[0] for row in found])]
    rows = sorted((name, arch, registers, spills, shared)
                  for name, (_, arch, registers, spills, shared) in zip(names, found))
    print(f"{'registers':>9} {'spilt':>5} {'shared':>6}  arch    kernel")
    for name, arch, registers, spills, shared in rows:
        print(f"{registers:>9} {spills:>5} {shared:>6}  {arch:<7} {name}")
    spilling = [f"{row[0]} ({row[1]})" for row in rows if row[3] > 0]
    if spilling:
        print("kernels that spill registers: " + ", ".join(spilling), file=sys.stderr)


main()
