"""No function of a .cu file may be merged by the linker with its twin from the other compiler.

Usage: two_compilations.py <simt library> <cuda library>

Lists weak functions that both libraries define, outside of cuunet::simt and cuunet::cuda. Those of headers that both
compilers see alike (the base classes of kernels/device, the standard library, fmt) are harmless.
"""
import re
import subprocess
import sys

SAME_FOR_ALL = re.compile(r"cuunet::(Error|UsageError|ShapeError|FileError|Shape|Context|Workspace|Implementation"
                          r"|Operator<|Peer<|Backend|BasicView<|BasicMatrix<|bfloat16|name_of\(|round_up\()")
LIBRARY = re.compile(r"(^|[ *&<(])(std|fmt|__gnu_cxx)::|^operator |^__")


def weak_symbols(library):
    lines = subprocess.run(["nm", "--demangle", "--defined-only", library], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    fields = [line.split(None, 2) for line in lines]
    return {f[2] for f in fields if len(f) == 3 and f[1] in "WV"}


def main():
    both = weak_symbols(sys.argv[1]) & weak_symbols(sys.argv[2])
    if not both:
        sys.exit("no weak symbol in common, not even of the standard library: are these the right libraries?")
    wrong = []
    for symbol in sorted(both):
        if symbol.startswith("DW.ref."):  # a pointer to a type's description, for exception handling
            continue
        name = re.sub(r"^(typeinfo( name)? for|vtable for|VTT for|guard variable for) ", "", symbol)
        if "cuunet" in name and not SAME_FOR_ALL.match(name) and not name.startswith(("std::", "fmt::", "void fmt::")):
            wrong.append(symbol)
        elif "cuunet" not in name and not LIBRARY.search(name):
            wrong.append(symbol)
    if wrong:
        sys.exit("weak symbols of CUDA sources that both compilations define:\n  " + "\n  ".join(wrong))


main()
