"""Checks that no two headers define a class of the same name in the same namespace.

Neither compiler nor linker says so, and one of the two destructors, or type checks, is then taken for both.
Usage: one_definition.py ROOT
"""

import pathlib
import re
import sys

ROOMS = ["kernels", "engine", "autograd", "layers", "weights", "tools", "bench", "tests"]
NAMESPACE = re.compile(r"^namespace (\S+) \{", re.MULTILINE)
# From the first column: not within another class.
DEFINITION = re.compile(r"^(?:class|struct|enum class|union) (?:\[\[.*\]\] |alignas\(\d+\) )?(\w+)(?: final)?(?: :[^:;][^;{]*)? \{", re.MULTILINE)


def definitions(root: pathlib.Path) -> dict[tuple[str, str], list[pathlib.Path]]:
    found = {}
    for room in ROOMS:
        for path in sorted((root / room).rglob("*")):
            if path.suffix not in {".h", ".cuh"}:
                continue
            text = path.read_text()
            namespace = NAMESPACE.search(text)
            for name in DEFINITION.findall(text):
                found.setdefault((namespace.group(1) if namespace else "", name), []).append(path.relative_to(root))
    return found


def main(root: str) -> int:
    found = definitions(pathlib.Path(root))
    if len(found) < 100:
        print(f"{root}: expected more than 100 classes, found {len(found)}")
        return 1
    twice = {key: paths for key, paths in found.items() if len(paths) > 1}
    for (namespace, name), paths in twice.items():
        print(f"{namespace}::{name} is defined in {' and in '.join(map(str, paths))}")
    return 1 if twice else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
