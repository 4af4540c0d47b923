"""Times cuunet beside PyTorch: the same device, network, loss, weights, pictures, batch, precision and threads.

    python bench/peers/beside_torch.py --program build/cuunet [--work infer:256 infer:512 train:64:8 train:128:8]
                                       [--precision f32 bf16] [--modes eager channels_last compile …] [--out FILE]
                                       [--device cuda]

Every mode runs in a process of its own (torch_worker.py says how PyTorch is set up); they take turns, one step each, in
an order that moves on every round. The mode onnxruntime is ONNX Runtime on what `cuunet convert` writes, for inference
in f32 on the CPU. A mode may name an allocator to preload: channels_last+jemalloc. Warm-up and
compilation are excluded for all. A row gives
- the median of the rounds, and the ratio of the peers' best mode to ours;
- on the CPU, the peak memory of each process (VmHWM) over the timed rounds, and the ratio of the peers' leanest mode to
  ours;
- the largest error against the peer in float64, as a share of the largest value: of the output, or of the loss and of
  the worst parameter's gradient (and the norm of all gradients' errors as a share of their norm).
"""

import argparse
import glob
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import numpy

import sample

HERE = os.path.dirname(os.path.abspath(__file__))
PAUSE_S = 0.05  # between turns: threads of the process before may still spin, waiting for work


def allocator(name):
    found = sorted(glob.glob(f"/usr/lib/*/lib{name}*.so*"))
    if not found:
        sys.exit(f"no lib{name} is installed; leave out '+{name}'")
    return found[0]


class Ended(Exception):
    """A process that gave no answer; why is on standard error."""


class Side:
    """A process that takes one timed step for every line it is sent."""

    def __init__(self, command, preload=None):
        environment = {**os.environ, "LD_PRELOAD": allocator(preload)} if preload else None
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=environment)

    def step(self, result_path=""):
        try:
            self.process.stdin.write(result_path + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Ended(" ".join(self.process.args)) from None
        answer = self.process.stdout.readline()
        if not answer:
            raise Ended(" ".join(self.process.args))
        return float(answer)

    def restart_peak(self):
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as file:
            file.write("5")

    def peak_bytes(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(1024 * int(line.split()[1]) for line in file if line.startswith("VmHWM:"))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Work:
    """infer:256, train:64:8: what, pixels, batch."""

    def __init__(self, text, arguments):
        fields = text.split(":") + ["1"]
        self.text, self.kind, self.size, self.batch = text, fields[0], fields[1], fields[2]
        self.arguments = arguments

    def ours(self, precision, *options):
        return [self.arguments.program, "bench", self.kind, "--size", self.size, "--batch", self.batch, "--precision",
                precision, "--device", self.arguments.device, "--threads", str(self.arguments.threads), *options]

    def theirs(self, mode, precision, sample_path):
        if mode == "onnxruntime":
            if (self.kind, precision, self.arguments.device) != ("infer", "f32", "cpu"):
                sys.exit("the mode onnxruntime is for inference in f32 on the CPU")
            return [sys.executable, os.path.join(HERE, "onnx_worker.py"), "--program", self.arguments.program,
                    "--threads", str(self.arguments.threads), "--sample", sample_path]
        return [sys.executable, os.path.join(HERE, "torch_worker.py"), self.kind, "--mode", mode, "--precision",
                precision, "--device", self.arguments.device, "--threads", str(self.arguments.threads), "--sample",
                sample_path]


def errors(found, exact):
    """The largest difference as a share of the largest value, of gradients each by its own and then the worst; and the
    norm of all gradients' differences as a share of their norm: one ReLU that flips sides near zero makes the former."""
    shares, off_squared, squared = {}, 0.0, 0.0
    for name, wanted in exact.items():
        wanted = wanted.astype(numpy.float64)
        off = found[name].astype(numpy.float64).reshape(wanted.shape) - wanted
        kind = name.split(".")[0]
        shares[kind] = max(shares.get(kind, 0), float(numpy.abs(off).max() / numpy.abs(wanted).max()))
        if kind == "gradient":
            off_squared, squared = off_squared + float((off**2).sum()), squared + float((wanted**2).sum())
    if squared > 0:
        shares["gradient_norm"] = (off_squared / squared) ** 0.5
    return shares


def exact_result(work, sample_path, folder):
    path = os.path.join(folder, "exact.npz")
    side = Side(work.theirs("eager", "f64", sample_path))
    side.step(path)
    side.close()
    return dict(numpy.load(path))


def timed_rounds(sides, arguments):
    times, names = {name: [] for name in sides}, list(sides)
    for round_ in range(arguments.warm_up + arguments.rounds):
        if round_ == arguments.warm_up:
            for side in sides.values():
                side.restart_peak()
        first = round_ % len(names)
        for name in names[first:] + names[:first]:
            time.sleep(PAUSE_S)
            seconds = sides[name].step()
            if round_ >= arguments.warm_up:
                times[name].append(seconds)
    return times


def compare(work, precision, arguments, folder):
    sample_path = os.path.join(folder, f"{precision}.safetensors")
    subprocess.run(work.ours(precision, "--write", sample_path), check=True)
    ours = sample.read(sample_path)
    sides = {"cuunet": Side(work.ours(precision, "--on-request"))}
    exact = exact_result(work, sample_path, folder) if arguments.errors else {}
    error, failed = {"cuunet": errors(ours, exact)}, []
    for name in arguments.modes:
        mode, _, preload = name.partition("+")
        side, path = Side(work.theirs(mode, precision, sample_path), preload), os.path.join(folder, "result.npz")
        try:
            side.step(path)  # compiles, too
            sides[name], error[name] = side, errors(numpy.load(path), exact)
        except Ended as ended:
            print(f"{work.text} {precision} {name}: ended without an answer: {ended}", file=sys.stderr)
            failed.append(name)
    peers = [name for name in sides if name != "cuunet"]
    if not peers:
        sys.exit("no peer is left to compare with")
    times = timed_rounds(sides, arguments)
    peaks = {name: side.peak_bytes() for name, side in sides.items()} if arguments.device == "cpu" else {}
    for side in sides.values():
        side.close()
    medians = {name: statistics.median(values) for name, values in times.items()}
    best = min(peers, key=medians.get)
    row = {"work": work.text, "precision": precision, "device": arguments.device, "threads": arguments.threads,
           "median_s": medians, "best_mode": best, "ratio_to_best": medians[best] / medians["cuunet"],
           "largest_error": error, "failed_modes": failed, "all_s": times}
    if peaks:
        leanest = min(peers, key=peaks.get)
        row |= {"peak_bytes": peaks, "leanest_mode": leanest, "memory_ratio": peaks[leanest] / peaks["cuunet"]}
    return row


def describe(row):
    head = f"{row['work']} {row['precision']}: {row['ratio_to_best']:.2f}x the peers' best ({row['best_mode']})"
    if "memory_ratio" in row:
        head += f", memory {row['memory_ratio']:.2f}x the peers' leanest ({row['leanest_mode']})"
    lines = [head]
    for name, seconds in row["median_s"].items():
        error = ", ".join(f"{kind} {share:.1e}" for kind, share in row["largest_error"][name].items())
        memory = f"{row['peak_bytes'][name] / 2**20:6.0f} MiB  " if "peak_bytes" in row else ""
        lines.append(f"  {name:24} {1000 * seconds:8.2f} ms  {memory}error {error or 'not measured'}")
    return "\n".join(lines)


def machine(arguments):
    with open("/proc/cpuinfo") as file:
        cpu = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    versions = [sys.executable, "-c", "import torch; print(torch.__version__, torch.__config__.show())"]
    text = subprocess.run(versions, check=True, capture_output=True, text=True).stdout
    gpu = {}
    if arguments.device != "cpu":
        question = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
        gpu = {"gpu": subprocess.run(question, check=True, capture_output=True, text=True).stdout.strip()}
    commit = ""
    if shutil.which("git"):
        question = ["git", "-C", HERE, "rev-parse", "--short", "HEAD"]
        commit = subprocess.run(question, capture_output=True, text=True).stdout.strip()
    question = [arguments.program, "doctor", "--json"]
    doctor = json.loads(subprocess.run(question, capture_output=True, text=True).stdout or "{}")
    for own in ("weights", "network"):  # of the user's folders, not of the machine
        doctor.pop(own, None)
    return {"cpu": cpu, **gpu, "kernel": platform.release(), "torch": text.split()[0],
            "torch_onednn": next((line.split("MKL-DNN ")[1].split()[0] for line in text.splitlines() if "MKL-DNN" in line),
                                 "none"),
            "cuunet": {"commit": commit, **doctor},
            "command": " ".join(["python", *sys.argv])}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/cuunet")
    parser.add_argument("--work", nargs="+", default=["infer:256", "infer:512", "train:64:8", "train:128:8"])
    parser.add_argument("--modes", nargs="+", default=["eager", "channels_last", "compile"])
    parser.add_argument("--precision", nargs="+", default=["f32", "bf16"], choices=["f32", "tf32", "bf16"])
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N, for both sides")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--warm-up", type=int, default=2)
    parser.add_argument("--no-errors", dest="errors", action="store_false", help="leave out the run in float64")
    parser.add_argument("--out", help="JSON; every round is in it")
    arguments = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    result = {**machine(arguments), "rows": []}
    print(f"{result.get('gpu', result['cpu'])}, {arguments.threads} threads, PyTorch {result['torch']}, cuunet {result['cuunet']['commit']}")
    for text in arguments.work:
        for precision in arguments.precision:
            with tempfile.TemporaryDirectory(prefix="cuunet-peers-") as folder:
                result["rows"].append(compare(Work(text, arguments), precision, arguments, folder))
            print(describe(result["rows"][-1]))
            if arguments.out:
                with open(arguments.out, "w") as file:
                    json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
