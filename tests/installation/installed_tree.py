"""Installs the program, moves the tree to another folder and uses it there: doctor, train, colorize, verify.

Usage: installed_tree.py CMAKE BUILD
"""

import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import zlib

C_LIBRARY = re.compile(r"^(linux-vdso|ld-linux|lib(c|m|dl|rt|pthread)\.so)")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}  # no LD_LIBRARY_PATH


def run(*words, folder) -> str:
    done = subprocess.run([str(word) for word in words], cwd=folder, env=ENVIRONMENT, text=True, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def write_png(path: pathlib.Path, width: int, height: int) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((x * 5 + y * 3) % 256 for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)


def check_libraries(program: pathlib.Path, tree: pathlib.Path) -> None:
    for line in run("ldd", program, folder=tree).splitlines():
        name, _, place = line.strip().partition(" => ")
        if C_LIBRARY.match(pathlib.Path(name.split()[0]).name):
            continue
        found = pathlib.Path(place.split(" (")[0])
        if not found.resolve().is_relative_to(tree):
            sys.exit(f"{program}: {name} comes from {place}; expected a library in {tree}")


def main(cmake: str, build: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name).resolve()
        subprocess.run([cmake, "--install", build, "--prefix", folder / "prefix"], check=True, capture_output=True)
        tree = folder / "elsewhere"
        os.rename(folder / "prefix", tree)
        program = tree / "bin" / "cuunet"
        check_libraries(program, tree)
        for document in ("LICENSE", "README.md", "docs/demo.png"):
            if not (tree / "share/doc/cuunet" / document).is_file():
                sys.exit(f"{document} is not installed")

        run(program, "doctor", folder=folder)
        run(program, *"train scenes:1:4 --out run --architecture resnet18 --size 32 --epochs 1 --batch 2".split(),
            *"--loss pixel --threads 1 --set valid_fraction=0".split(), folder=folder)
        write_png(folder / "old.png", 40, 30)
        for isa in ("baseline", "avx2", "avx512"):  # the widest that there is, where it is less
            run(program, "colorize", "old.png", "--model", "run/model.safetensors", "--out", isa, "--max-isa", isa,
                folder=folder)
            if not (folder / isa / "old.png").is_file():
                sys.exit(f"--max-isa {isa}: no picture was written")
        table = run(program, "verify", tree / "share/cuunet/conformance/ops/relu.json", folder=folder)
        if "ops: 4 of 4 cases passed" not in table:
            sys.exit(table)


if __name__ == "__main__":
    main(*sys.argv[1:])
