"""Times how long a file of weights takes to become a model that is ready to run: cuunet beside PyTorch.

    python bench/peers/load.py --program build/cuunet [--rounds 5] [--threads 2] [--before "chrt -f 50"] [--out FILE]

The files are drawn here: fastai's U-Net on a ResNet-34 (165 MB) and DeOldify's Wide generator on a ResNet-101 (870 MB),
under the names and in the shapes of the published ones, saved by torch.save as {'model': state_dict}.

- cuunet: `cuunet bench load`: checksums, recognition, the network, its values in our layout, and that all are finite.
- torch: the module of the same tree, names, layers and norms by its ordinary constructors (which draw values, as any
  model's code does), torch.load(mmap=True), load_state_dict.
- torch_skip_init: the same with parameters that are not drawn (torch.nn.utils.skip_init's way: made on "meta", then
  to_empty).
- torch_assign: made on "meta", load_state_dict(assign=True): the parameters stay in the mapped file and are read at the
  first forward pass, so this is not ready to run; its time is a floor.

Every measurement is a process of its own; the clock starts when program or interpreter and libraries are loaded. Sides
take turns. Beside the seconds on the clock stand those of the processors, user and system: on a machine that others use
they say more. Warm: the file is in the page cache. Cold: posix_fadvise(DONTNEED) before. Before each, 3 GiB of memory are
touched and given back: on a virtual machine whose host takes free memory away, the process would pay for getting it again
(here 2.5 s for each GB), whatever it does with it. Peak memory is the process's (VmHWM), and beside it
how much of that came by loading.
"""

import argparse
import json
import mmap
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
KIT = HERE.parent.parent / "tests/conformance"
FILES = {"unet_resnet34": KIT / "fastai_unet/manifest_unet_resnet34_weight.json",
         "deoldify_wide": KIT / "deoldify/manifest_wide.json"}
SIDES = ["cuunet", "torch", "torch_skip_init", "torch_assign"]


def entries_of(manifest):
    manifest = json.loads(manifest.read_text())
    return [(entry["key"], entry["shape"]) for entry in manifest.get("state_dict") or manifest["entries"]]


def draw(manifest, path):
    import torch

    torch.manual_seed(1)
    state = {}
    for key, shape in entries_of(manifest):
        if key.endswith("num_batches_tracked"):
            state[key] = torch.tensor(0)
        else:
            values = torch.randn(shape) * 0.02
            state[key] = values.abs() + 0.5 if key.endswith("running_var") else values
    torch.save({"model": state}, path)


def layer(tensors):
    """The layer whose state dict has these names and shapes."""
    from torch import nn

    if "running_mean" in tensors:
        return nn.BatchNorm2d(tensors["weight"][0])
    weight = tensors.get("weight_orig") or tensors.get("weight_v") or tensors["weight"]
    kind = {3: nn.Conv1d, 4: nn.Conv2d}[len(weight)]
    made = kind(weight[1], weight[0], weight[2], bias="bias" in tensors)
    if "weight_g" in tensors:
        return nn.utils.weight_norm(made)
    return nn.utils.spectral_norm(made) if "weight_orig" in tensors else made


def module_of(manifest):
    import torch
    from torch import nn

    layers = {}
    for key, shape in entries_of(manifest):
        path, _, name = key.rpartition(".")
        layers.setdefault(path, {})[name] = shape
    root = nn.Module()
    for path, tensors in layers.items():
        parent, names = root, path.split(".")
        for name in names[:-1]:
            if name not in parent._modules:
                parent.add_module(name, nn.Module())
            parent = parent._modules[name]
        if "gamma" in tensors:  # self-attention: a number beside its three convolutions
            if names[-1] not in parent._modules:
                parent.add_module(names[-1], nn.Module())
            parent._modules[names[-1]].gamma = nn.Parameter(torch.zeros(1))
        else:
            parent.add_module(names[-1], layer(tensors))
    return root


def status_bytes(field, pid="self"):
    with open(f"/proc/{pid}/status") as file:
        return next(1024 * int(line.split()[1]) for line in file if line.startswith(field + ":"))


def torch_worker(side, manifest, path, threads):
    import warnings

    warnings.simplefilter("ignore")
    import torch

    torch.set_num_threads(threads)
    before, begin, processors = status_bytes("VmRSS"), time.perf_counter(), time.process_time()
    with torch.device("cpu" if side == "torch" else "meta"):
        module = module_of(manifest)
    if side == "torch_skip_init":
        module = module.to_empty(device="cpu")
    state = torch.load(path, map_location="cpu", mmap=True, weights_only=True)["model"]
    module.load_state_dict(state, assign=side == "torch_assign")
    module.eval()
    seconds, processors = time.perf_counter() - begin, time.process_time() - processors
    print(json.dumps({"seconds": seconds, "cpu_seconds": processors, "peak_bytes": status_bytes("VmHWM"),
                      "loading_bytes": status_bytes("VmHWM") - before}))


def measure(side, manifest, path, arguments):
    if side == "cuunet":
        command = [*arguments.before.split(), arguments.program, "bench", "load", "--model", str(path), "--repeats", "1",
                   "--warm-up", "0", "--device", "cpu", "--threads", str(arguments.threads), "--json"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)  # of the whole process
        processors = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return {"seconds": answer["median_s"], "cpu_seconds": processors, "peak_bytes": answer["peak_bytes"],
                "loading_bytes": answer["loading_bytes"]}
    command = [*arguments.before.split(), sys.executable, __file__, "--worker", side, str(manifest), str(path), "--threads",
               str(arguments.threads)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def enter_cache(path):
    """Without memory of the file's size, which this process would take from the system and give back."""
    room = bytearray(1 << 20)
    with open(path, "rb", buffering=0) as file:
        while file.readinto(room):
            pass


def leave_cache(path):
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def touch_memory(count):
    """Takes memory and gives it back: what a virtual machine's host had taken away is there again. One byte of each huge
    page, for the host takes away again what has been free for seconds."""
    huge = 2 << 20
    with mmap.mmap(-1, count // huge * huge, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as room:
        room.madvise(mmap.MADV_HUGEPAGE)
        for at in range(0, len(room), huge):
            room[at] = 1


def prepare(path, state):
    """Before each measurement, whoever's it is: memory that is there, and the file in the page cache (warm) or not."""
    touch_memory(3 << 30)
    if state == "cold":
        leave_cache(path)
    else:
        enter_cache(path)


def compare(name, state, path, arguments):
    found = {side: [] for side in SIDES}
    for round_ in range(arguments.rounds):
        first = round_ % len(SIDES)
        for side in SIDES[first:] + SIDES[:first]:
            prepare(path, state)
            found[side].append(measure(side, FILES[name], path, arguments))
    row = {"file": name, "bytes": path.stat().st_size, "cache": state, "threads": arguments.threads, "all": found}
    for field in ("seconds", "cpu_seconds", "peak_bytes", "loading_bytes"):
        row[field] = {side: statistics.median(one[field] for one in all_) for side, all_ in found.items()}
    for ratio, field in (("ratio", "seconds"), ("cpu_ratio", "cpu_seconds")):
        row[ratio] = {side: row[field][side] / row[field]["cuunet"] for side in SIDES[1:]}
    return row


def describe(row):
    lines = [f"{row['file']}, {row['bytes'] / 1e6:.0f} MB, {row['cache']}:"]
    for side in SIDES:
        ratio = f"{row['ratio'][side]:5.2f}x ours, {row['cpu_ratio'][side]:5.2f}x by processors" if side != "cuunet" else ""
        lines.append(f"  {side:16} {1000 * row['seconds'][side]:8.0f} ms  ({1000 * row['cpu_seconds'][side]:6.0f} ms of processors)  peak {row['peak_bytes'][side] / 1e6:6.0f} MB, "
                     f"{row['loading_bytes'][side] / 1e6:6.0f} MB of it by loading  {ratio}")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/cuunet")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--files", nargs="+", default=list(FILES), choices=list(FILES))
    parser.add_argument("--caches", nargs="+", default=["warm", "cold"], choices=["warm", "cold"])
    parser.add_argument("--before", default="", help="what every measured process is started by: chrt -f 50")
    parser.add_argument("--folder", help="where the files are drawn; default: a temporary folder")
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--out", help="JSON; every round is in it")
    arguments = parser.parse_args()
    if arguments.worker:
        side, manifest, path = arguments.worker
        return torch_worker(side, pathlib.Path(manifest), path, arguments.threads)
    import beside_torch

    result = {**beside_torch.machine(argparse.Namespace(program=arguments.program, device="cpu")), "rows": []}
    with tempfile.TemporaryDirectory(prefix="cuunet-peers-", dir=arguments.folder) as folder:
        for name in arguments.files:
            path = pathlib.Path(folder) / f"{name}.pth"
            subprocess.run([sys.executable, "-c", f"import sys; sys.path.insert(0, {str(HERE)!r}); import load, pathlib; "
                            f"load.draw(load.FILES[{name!r}], pathlib.Path({str(path)!r}))"], check=True)
            for state in arguments.caches:
                result["rows"].append(compare(name, state, path, arguments))
                print(describe(result["rows"][-1]), flush=True)
                if arguments.out:
                    pathlib.Path(arguments.out).write_text(json.dumps(result, indent=1))
            path.unlink()


if __name__ == "__main__":
    main()
