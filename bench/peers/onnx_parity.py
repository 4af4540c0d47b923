"""What cuunet converts to ONNX, ONNX Runtime computes as cuunet does: the largest difference, in f32, on drawn input.

    python bench/peers/onnx_parity.py --program build/cuunet model.safetensors [--sizes 64x64 90x70] [--batch 2]

Runs `cuunet convert` and `cuunet forward` on the file of weights, and ONNX Runtime on the file that came out. Exits with
1 where an output is further off than --tolerance of its largest value.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnxruntime

import sample


def write_safetensors(path, tensors, metadata=None):
    types = {numpy.dtype(numpy.float32): "F32", numpy.dtype(numpy.int64): "I64"}
    header, begin = {"__metadata__": metadata} if metadata else {}, 0
    for name, values in tensors.items():
        header[name] = {"dtype": types[values.dtype], "shape": values.shape, "data_offsets": [begin, begin + values.nbytes]}
        begin += values.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for values in tensors.values():
            file.write(numpy.ascontiguousarray(values).tobytes())


def run(program, *arguments):
    subprocess.run([program, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def session_of(path, threads=0):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def differences(program, weights, sizes, batch, folder):
    """(size, output, its shape, largest difference, largest value) of every output at every size; a size that is none
    ("") is the one of a network that takes no other."""
    model, given, made = (folder / name for name in ("model.onnx", "in.safetensors", "out.safetensors"))
    run(program, "convert", "--force", weights, model)
    session = session_of(model)
    drawn = numpy.random.default_rng(1)
    for size in sizes:
        inputs = {}
        for port in session.get_inputs():
            fixed = port.shape[2:]
            height, width = fixed if isinstance(fixed[0], int) else map(int, size.split("x"))
            inputs[port.name] = drawn.uniform(-1, 1, (batch, port.shape[1], height, width)).astype(numpy.float32)
        write_safetensors(given, inputs)
        run(program, "forward", "--force", weights, given, made)
        ours = sample.read(made)
        for port, theirs in zip(session.get_outputs(), session.run(None, inputs)):
            assert theirs.shape == ours[port.name].shape, (weights, size, theirs.shape, ours[port.name].shape)
            assert numpy.isfinite(theirs).all(), (weights, size, port.name)
            off = numpy.abs(theirs.astype(numpy.float64) - ours[port.name]).max()
            yield size or f"{height}x{width}", port.name, theirs.shape, off, numpy.abs(theirs).max()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", nargs="+")
    parser.add_argument("--program", default="build/cuunet")
    parser.add_argument("--sizes", nargs="+", default=["64x64", "90x70"], help="height x width of the input")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--tolerance", type=float, default=1e-4, help="share of the largest value")
    arguments = parser.parse_args()
    worst = 0
    for weights in arguments.weights:
        with tempfile.TemporaryDirectory(prefix="cuunet-onnx-") as folder:
            for size, name, shape, off, largest in differences(arguments.program, weights, arguments.sizes,
                                                               arguments.batch, pathlib.Path(folder)):
                print(f"{weights} {size}: {name} {list(shape)}: off by {off:.1e} of {largest:.2g}")
                worst = max(worst, off / largest)
    print(f"largest difference: {worst:.1e} of the largest value (ONNX Runtime {onnxruntime.__version__})")
    sys.exit(worst > arguments.tolerance)


if __name__ == "__main__":
    main()
