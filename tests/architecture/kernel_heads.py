"""Checks that every CUDA source starts with its idea, what an element costs, and the limit that bounds it.

The head comment of each .cu, and of each header that defines a kernel, names "Per element" (of what, or per pixel,
pair, …) or "Arithmetic" and "Traffic", and a "Bound". Usage: kernel_heads.py ROOT
"""

import pathlib
import re
import sys

COST = re.compile(r"\bPer (element|pixel|pair|weight|colour)\b|\bArithmetic\b.*\bTraffic\b|\bTraffic\b.*\bArithmetic\b|"
                  r"Traffic, arithmetic and bound are theirs")


def head_of(text: str) -> str:
    lines = []
    for line in text.splitlines():
        if not line.startswith("//"):
            break
        lines.append(line.lstrip("/ "))
    return " ".join(lines)


def wrong_heads(root: pathlib.Path):
    for path in sorted((root / "kernels").rglob("*")):
        relative = path.relative_to(root)
        if path.suffix not in {".cu", ".cuh", ".h"} or relative.parts[1] == "simt":
            continue
        text = path.read_text()
        if path.suffix != ".cu" and "__global__ void" not in text:
            continue
        head = head_of(text)
        if not COST.search(head):
            yield f"{relative}: its head does not say what an element costs"
        if not re.search(r"\b[Bb]ound\b", head):
            yield f"{relative}: its head does not say what bounds it"


def main() -> int:
    wrong = list(wrong_heads(pathlib.Path(sys.argv[1])))
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
