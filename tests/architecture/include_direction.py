"""Checks that the rooms' #includes go one way: kernels <- engine <- autograd <- layers <- weights <- tools.

weights/format needs the engine only. Usage: include_direction.py ROOT
"""

import pathlib
import re
import sys

ROOMS = ["kernels", "engine", "autograd", "layers", "weights", "tools"]
INCLUDE = re.compile(r'^\s*#include "([^"]+)"', re.MULTILINE)


def allowed(source: pathlib.PurePath) -> set[str]:
    if source.parts[:2] == ("weights", "format"):
        return {"kernels", "engine", "weights"}
    return set(ROOMS[: ROOMS.index(source.parts[0]) + 1])


def wrong_includes(root: pathlib.Path):
    for room in ROOMS:
        for path in sorted((root / room).rglob("*")):
            if path.suffix not in {".h", ".cpp", ".cu", ".cuh"}:
                continue
            source = path.relative_to(root)
            for include in INCLUDE.findall(path.read_text()):
                target = include.split("/")[0]
                if target not in ROOMS:
                    yield f'{source}: "{include}" is not written from the root of the tree'
                elif target not in allowed(source):
                    yield f'{source}: "{include}" lies higher than {room}'


def main() -> int:
    wrong = list(wrong_includes(pathlib.Path(sys.argv[1])))
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
