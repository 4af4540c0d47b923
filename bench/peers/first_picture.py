"""Times from the start of a process until the first coloured picture lies on the disk: cuunet beside PyTorch.

    python bench/peers/first_picture.py --program build/cuunet [--rounds 7] [--threads 2] [--out FILE]

The weights (fastai's U-Net on a ResNet-34, 165 MB, a learner's file) and a photograph of 768 x 512 are drawn here.

- cuunet: `cuunet colorize --size 256`, everything: the picture's decoding, the network at 384 x 256, the merge with the
  photograph's luminance, a PNG.
- torch: the interpreter, import torch, the module, torch.load(mmap=True), BatchNorm and weight norm folded,
  channels_last, one forward pass of 384 x 256. No picture is read or written.

Sides take turns. Warm: the file of weights is in the page cache. Cold: posix_fadvise(DONTNEED) before, of that file only.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import load as weights_load

sys.path.insert(0, str(weights_load.HERE.parent.parent / "tests/installation"))
from installed_tree import write_png

HEIGHT, WIDTH, SHORT_SIDE = 512, 768, 256
SIDES = ["cuunet", "torch"]


def torch_worker(path, threads):
    import torch

    from torch_unet import DynamicUnet, fold_batch_norms, load

    torch.set_num_threads(threads)
    state = torch.load(path, map_location="cpu", mmap=True, weights_only=True)["model"]
    with torch.device("meta"):
        model = DynamicUnet(weight_norm=False)
    model = load(model.to_empty(device="cpu"), state).eval()
    model = fold_batch_norms(model).to(memory_format=torch.channels_last)
    picture = torch.rand(1, 3, SHORT_SIDE, SHORT_SIDE * WIDTH // HEIGHT).to(memory_format=torch.channels_last)
    with torch.inference_mode():
        if not torch.isfinite(model(picture)).all():
            raise SystemExit("the output is not finite")


def measure(side, weights, photograph, folder, arguments):
    commands = {"cuunet": [arguments.program, "colorize", photograph, "--model", weights, "--out", folder / "coloured",
                           "--size", SHORT_SIDE, "--force", "--device", "cpu", "--threads", arguments.threads],
                "torch": [sys.executable, __file__, "--worker", weights, "--threads", arguments.threads]}
    command = [*arguments.before.split(), *map(str, commands[side])]
    begin = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begin


def compare(cache, weights, photograph, folder, arguments):
    found = {side: [] for side in SIDES}
    for round_ in range(arguments.rounds):
        for side in SIDES if round_ % 2 == 0 else SIDES[::-1]:
            weights_load.prepare(weights, cache)
            found[side].append(measure(side, weights, photograph, folder, arguments))
    seconds = {side: statistics.median(all_) for side, all_ in found.items()}
    return {"cache": cache, "threads": arguments.threads, "seconds": seconds,
            "ratio": seconds["torch"] / seconds["cuunet"], "all": found}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/cuunet")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--before", default="", help="what every measured process is started by: chrt -f 50")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--out", help="JSON; every round is in it")
    arguments = parser.parse_args()
    if arguments.worker:
        return torch_worker(arguments.worker, arguments.threads)
    import beside_torch

    result = {**beside_torch.machine(argparse.Namespace(program=arguments.program, device="cpu")), "rows": []}
    with tempfile.TemporaryDirectory(prefix="cuunet-peers-") as name:
        folder = pathlib.Path(name)
        weights, photograph = folder / "learner.pth", folder / "grey.png"
        weights_load.draw(weights_load.FILES["unet_resnet34"], weights)
        write_png(photograph, WIDTH, HEIGHT)
        for cache in ("warm", "cold"):
            row = compare(cache, weights, photograph, folder, arguments)
            result["rows"].append(row)
            print(f"{cache}: cuunet {1000 * row['seconds']['cuunet']:.0f} ms, torch "
                  f"{1000 * row['seconds']['torch']:.0f} ms: {row['ratio']:.2f}x", flush=True)
    if arguments.out:
        pathlib.Path(arguments.out).write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
