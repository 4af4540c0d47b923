"""Times cuunet beside PyTorch on the CPU, interleaved in one run: the same network, loss, batch, precision, threads.

    python bench/peers/torch_cpu.py --program build/cuunet [--work infer:256:1 train:64:8 …] [--rounds 5] [--out FILE]

PyTorch runs at its best: inference_mode, weight norm and BatchNorm folded, oneDNN's packed weights through inductor's
freezing in the compile mode, the target's features under no_grad, no gradients for frozen weights, fused AdamW.
Warm-up and compile time are excluded for both. Each row: the median of the rounds, and the ratio to the best mode.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import time

import torch

from torch_unet import DynamicUnet, FeatureLoss, fold_batch_norms


def make_inference(mode, size, batch, dtype):
    model = fold_batch_norms(DynamicUnet(weight_norm=False).eval()).to(dtype)
    x = torch.rand(batch, 3, size, size, dtype=dtype)
    if mode != "eager":
        model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    if mode == "compile":
        torch._inductor.config.freezing = True
        model = torch.compile(model)

    def step():
        with torch.inference_mode() if mode != "compile" else torch.no_grad():
            model(x)

    return step


def make_training(mode, size, batch, dtype):
    model, loss = DynamicUnet(), FeatureLoss()
    x, target = torch.rand(batch, 3, size, size), torch.rand(batch, 3, size, size)
    if mode != "eager":
        model, loss = (m.to(memory_format=torch.channels_last) for m in (model, loss))
        x, target = (t.to(memory_format=torch.channels_last) for t in (x, target))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, betas=(0.95, 0.99), weight_decay=1e-3, fused=True)

    def forward():
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=dtype == torch.bfloat16):
            return loss(model(x), target)

    if mode == "compile":
        torch._inductor.config.freezing = False
        forward = torch.compile(forward)

    def step():
        optimizer.zero_grad(set_to_none=True)
        forward().backward()
        optimizer.step()

    return step


def seconds(step):
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


class Ours:
    """`cuunet bench`, kept running; one line in, one timed step out, so that rounds can be interleaved."""

    def __init__(self, program, kind, size, batch, precision, threads):
        command = [program, "bench", kind, "--size", str(size), "--batch", str(batch), "--precision", precision,
                   "--threads", str(threads), "--on-request"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def compare(work, arguments):
    kind, size, batch = work.split(":")[0], int(work.split(":")[1]), int(work.split(":")[2])
    dtype = torch.bfloat16 if arguments.precision == "bf16" else torch.float32
    make = make_inference if kind == "infer" else make_training
    steps = {mode: make(mode, size, batch, dtype) for mode in arguments.modes}
    ours = Ours(arguments.program, kind, size, batch, arguments.precision, arguments.threads)
    times = {"cuunet": [], **{mode: [] for mode in steps}}
    for round_ in range(arguments.warm_up + arguments.rounds):
        measured = {"cuunet": ours(), **{mode: seconds(step) for mode, step in steps.items()}}
        if round_ >= arguments.warm_up:
            for name, value in measured.items():
                times[name].append(value)
    ours.close()
    medians = {name: statistics.median(values) for name, values in times.items()}
    best = min(medians[mode] for mode in steps)
    return {"work": work, "precision": arguments.precision, "threads": arguments.threads, "median_s": medians,
            "ratio_to_best": best / medians["cuunet"], "all_s": times}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default="build/cuunet")
    parser.add_argument("--work", nargs="+", default=["infer:256:1", "train:64:8", "train:128:8"])
    parser.add_argument("--modes", nargs="+", default=["eager", "channels_last", "compile"])
    parser.add_argument("--precision", default="f32", choices=["f32", "bf16"])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--warm-up", type=int, default=2)
    parser.add_argument("--out")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    sys.stdout.reconfigure(line_buffering=True)
    machine = {"machine": platform.processor() or platform.machine(), "torch": torch.__version__,
               "command": " ".join(sys.argv)}
    print(f"PyTorch {torch.__version__}, {arguments.threads} threads, {arguments.precision}")
    rows = []
    for work in arguments.work:
        rows.append(compare(work, arguments))
        row = rows[-1]
        text = "  ".join(f"{name} {1000 * value:.0f} ms" for name, value in row["median_s"].items())
        print(f"{work}: {text}  |  {row['ratio_to_best']:.2f}x PyTorch's best")
    if arguments.out:
        with open(arguments.out, "w") as file:
            json.dump({**machine, "rows": rows}, file, indent=1)


if __name__ == "__main__":
    main()
