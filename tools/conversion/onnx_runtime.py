"""ONNX Runtime on inputs that lie in a folder; compiled into cuunet, which runs it as

    python -c SCRIPT MODEL.onnx FOLDER THREADS

FOLDER/inputs.json: a list of runs, each a list of {"name", "shape"}; the values of run 0's first input are f32, row-major,
in FOLDER/input_0_0. Outputs come back so, with outputs.json: {"version", "runs"}. Exits with 3 where a module is missing.
"""

import json
import sys

sys.path = [folder for folder in sys.path if folder]  # the working folder's files are no modules
try:
    import numpy
    import onnxruntime
except ImportError as error:
    sys.exit(print(error, file=sys.stderr) or 3)

model, folder, threads = sys.argv[1:]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(threads)
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
names = [port.name for port in session.get_outputs()]
answer = {"version": onnxruntime.__version__, "runs": []}
with open(f"{folder}/inputs.json") as file:
    runs = json.load(file)
for i, inputs in enumerate(runs):
    values = {one["name"]: numpy.fromfile(f"{folder}/input_{i}_{k}", "<f4").reshape(one["shape"])
              for k, one in enumerate(inputs)}
    outputs = session.run(names, values)
    for k, output in enumerate(outputs):
        output.astype("<f4").tofile(f"{folder}/output_{i}_{k}")
    answer["runs"].append([{"name": name, "shape": output.shape} for name, output in zip(names, outputs)])
with open(f"{folder}/outputs.json", "w") as file:
    json.dump(answer, file)
