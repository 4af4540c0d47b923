"""Every operator of kernels/ has code for the CPU, a CUDA source, a test of that source on the host executor, and a row
in the table of benchmarks.

Usage: every_operator.py ROOT
"""

import pathlib
import re
import sys

DECLARED = re.compile(r"inline constinit Operator<[^;]*?>\s*(\w+)\{")
IMPLEMENTED = re.compile(r"Implementation \w+\{(\w+), Device::(\w+)")


def text_of(root, pattern):
    files = sorted(root.glob(pattern))
    if not files:
        sys.exit(f"{root}: expected files {pattern}, found none")
    return "\n".join(path.read_text() for path in files)


def main(root):
    operators = sorted(DECLARED.findall(text_of(root, "kernels/*/*.h")))
    places = {}
    sources = [("CPU code", "kernels/*/*.cpp", "cpu"), ("CUDA code", "kernels/*/*.cu", "CUUNET_TARGET")]
    for kind, pattern, device in sources:
        places[kind] = {name for name, of in IMPLEMENTED.findall(text_of(root, pattern)) if of == device}
    for kind, pattern in [("test on simt", "tests/kernels/simt/*.cpp"), ("benchmark row", "bench/kernels/*.cpp")]:
        places[kind] = set(re.findall(r"\w+", text_of(root, pattern)))
    wrong = [f"{name}: no {kind}" for kind, names in places.items() for name in operators if name not in names]
    print("\n".join(wrong) or f"{len(operators)} operators")
    return 1 if wrong or not operators else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
