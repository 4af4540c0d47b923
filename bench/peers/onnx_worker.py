"""ONNX Runtime in a process of its own, run by beside_torch.py as the mode "onnxruntime": inference in f32 on the CPU,
on the graph that `cuunet convert` writes of the sample's network. It answers lines as torch_worker.py does.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy
import onnxruntime

import sample

# The network of `cuunet bench`, as cuunet's own files describe it.
DESCRIPTION = {"architecture": "dynamic_unet", "encoder": "resnet34", "in_channels": 3, "classes": 3, "built_for": [0, 0],
               "norm": "weight", "blur": True, "blur_final": True, "self_attention": False, "last_cross": True,
               "bottleneck": False, "fastai": "1.0.61", "y_range": None, "trained_size": 0}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--sample", required=True)
    arguments = parser.parse_args()
    tensors = sample.read(arguments.sample)
    with tempfile.TemporaryDirectory(prefix="cuunet-onnx-") as folder:
        weights, model = (pathlib.Path(folder) / name for name in ("weights.safetensors", "model.onnx"))
        network = {f"model.{name}": value for name, value in sample.below(tensors, "network.").items()}
        sample.write(weights, network, {"cuunet.model": json.dumps(DESCRIPTION)})
        subprocess.run([arguments.program, "convert", weights, model], check=True, stdout=subprocess.DEVNULL)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = arguments.threads
        session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    inputs = {"input": numpy.ascontiguousarray(tensors["input"])}
    del tensors, network
    for line in sys.stdin:
        start = time.perf_counter()
        output, = session.run(None, inputs)
        seconds = time.perf_counter() - start
        if line.strip():
            numpy.savez(line.strip(), output=output)
        print(f"{seconds:.6f}", flush=True)


if __name__ == "__main__":
    main()
