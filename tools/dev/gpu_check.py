"""Builds the kernels on a machine with a GPU and checks and times all that only a GPU can show.

    tools/dev/gpu_check.sh [OUT] [--only STAGE …] [--limit SECONDS] [--build-dir DIR] [--device simt] …

Needs g++, nvcc, cmake, make or ninja, and python3; no network, no root: tools/dev/gpu_bundle.sh has brought the rest.
cuDNN and cuBLAS are found through CUDNN_ROOT and CUBLAS_ROOT, or where pip leaves them. Stages, the most telling first;
what fails stops none of the others:

machine     GPU, driver, compilers
kernels     builds the CUDA kernels and the probes of every instruction
intrinsics  what each instruction does to drawn fragments, beside the host executor's file
program     builds the program
verify      cuunet doctor and verify on the GPU: every family, precision and backend
train       200 training steps twice, to the same bits
sanitize    compute-sanitizer over the operators: memcheck, racecheck, initcheck, synccheck
bench       times of the network and of every operator, by precision and backend
peers       the same beside PyTorch, where it is installed

OUT gets a log per step and summary.txt. --device simt is the rehearsal without a GPU: the host executor where it
serves, the CPU elsewhere, few cases and steps.
"""

import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFORMANCE = ROOT / "tests/conformance"
DEPS = ROOT / ".deps/usr"
KIT = ROOT / ".deps/conformance"
INTRINSICS = "tests/kernels/simt/intrinsics"
# What in f32 a rounding decides: docs/f32.md.
DECIDED_BY_ROUNDING = {"deoldify": "deep_small_train_64,loss_wass", "fastai_unet": "eval_weight_blur,train_spectral_sa"}
# The cases of a rehearsal, by a part of their titles.
REHEARSED = {"deoldify": "attention_", "fastai_unet": "icnr", "nectargan": "patchgan_n1", "ops": "ops/conv2d/1"}
SANITIZER_PATH = os.environ["PATH"] + ":/usr/local/cuda/bin:/usr/local/cuda/compute-sanitizer"


def library_root(name, header):
    """The folder with the library's include/ and lib/: NAME_ROOT, or what pip left; None where there is neither."""
    if os.environ.get(f"{name}_ROOT"):
        return os.environ[f"{name}_ROOT"]
    question = "import nvidia; print(*nvidia.__path__, sep='\\n')"
    answer = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True)
    folders = [pathlib.Path(base) for base in answer.stdout.splitlines()]
    found = [path for folder in folders for path in sorted(folder.glob(f"*/include/{header}"))]
    return found[0].parents[1] if found else None


class Steps:
    """Runs commands one after another, each with a time limit and a log, and keeps the table."""

    def __init__(self, out, seconds):
        self.out, self.rows = out, []
        self.end = time.monotonic() + seconds if seconds else None
        out.mkdir(parents=True, exist_ok=True)

    def run(self, name, limit, *commands):
        """A step: commands until one fails. True when all ended with 0."""
        start = time.monotonic()
        if self.end is not None:
            limit = min(limit, self.end - start)
        if limit <= 1:
            return self.note(name, "skip", "no time left")
        with open(self.out / f"{name}.log", "wb") as log:
            result = self.commands(commands, start + limit, log)
        self.note(name, "pass" if result is None else "FAIL", result or "", time.monotonic() - start)
        return result is None

    def commands(self, commands, end, log):
        """None, or what went wrong."""
        for command in commands:
            command = [str(word) for word in command]
            log.write(f"$ {' '.join(command)}\n".encode())
            log.flush()
            try:
                process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
            except OSError as error:
                log.write(f"{error}\n".encode())
                return f"{command[0]}: {error.strerror}"
            try:
                code = process.wait(max(end - time.monotonic(), 0))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return "time limit"
            if code != 0:
                return f"{pathlib.Path(command[0]).name}: exit code {code}"
        return None

    def note(self, name, result, why="", seconds=0.0):
        row = f"{name:<30} {result}  {seconds:7.1f} s  {why}".rstrip()
        self.rows.append((result, row))
        print(row, flush=True)
        with open(self.out / "summary.txt", "w") as file:
            file.write("\n".join(line for _, line in self.rows) + "\n")

    def skip(self, name, why):
        self.note(name, "skip", why)

    def failed(self):
        return sum(result == "FAIL" for result, _ in self.rows)


class Check:
    def __init__(self, arguments):
        self.arguments = arguments
        self.simt = arguments.device == "simt"
        self.build = pathlib.Path(arguments.build_dir or ROOT / f"build-{arguments.device}").resolve()
        self.program = self.build / "cuunet"
        self.steps = Steps(arguments.out.resolve(), arguments.limit)
        self.cudnn = None if self.simt else library_root("CUDNN", "cudnn.h")

    def machine(self):
        commands = [["uname", "-a"], ["g++", "--version"], ["cmake", "--version"]]
        self.steps.run("machine", 30, *([] if self.simt else [["nvidia-smi"]]), *commands)

    def make(self, name, *targets):
        if self.arguments.build_dir:
            return self.steps.skip(name, f"built before, in {self.build}")
        generator = "Ninja" if shutil.which("ninja") else "Unix Makefiles"
        options = ["-DCUUNET_ONEDNN=OFF", f"-DCUUNET_SIMT={'ON' if self.simt else 'OFF'}"]
        if DEPS.is_dir():
            options += [f"-DCMAKE_PREFIX_PATH={DEPS}", "-DCUUNET_BENCH=ON"]
        if not self.simt:
            options += ["-DCUUNET_CUDA=ON", f"-DCUUNET_CUDA_ARCHITECTURES={self.arguments.architectures}"]
        if self.cudnn:
            options += ["-DCUUNET_CUDNN=ON", f"-DCUDNN_ROOT={self.cudnn}"]
            cublas = library_root("CUBLAS", "cublas_v2.h")
            options += [f"-DCUBLAS_ROOT={cublas}"] if cublas else []
        self.steps.run(name, self.arguments.build_limit,
                       ["cmake", "-S", ROOT, "-B", self.build, "-G", generator, *options],
                       ["cmake", "--build", self.build, "-j", self.arguments.jobs, "--target", *targets])

    def kernels(self):
        self.make("kernels", f"cuunet_{self.arguments.device}", f"intrinsics_{self.arguments.device}")

    def program_(self):
        self.make("program", "cuunet", *(["bench_kernels"] if DEPS.is_dir() and not self.simt else []))

    def intrinsics(self):
        probes = self.build / INTRINSICS / f"intrinsics_{self.arguments.device}"
        self.steps.run("intrinsics", 60,
                       [probes, self.steps.out / "intrinsics.json", ROOT / INTRINSICS / "expected.json"])

    def backends(self):
        """(name, options) of each way to convolve that the program has."""
        if not self.cudnn or not self.program.exists():
            return [("native", [])]
        help_page = subprocess.run([self.program, "help"], capture_output=True, text=True).stdout
        if "--conv-backend" not in help_page:
            return [("native", [])]
        return [(name, ["--conv-backend", name]) for name in ("native", "cudnn")]

    def families(self):
        """The repository's conformance folders, and what the kit has besides, if this program can run it."""
        folders = {folder.name: folder for base in (KIT, CONFORMANCE) if base.is_dir()
                   for folder in sorted(base.iterdir()) if folder.is_dir()}
        listed = "".join(path.read_text() for path in sorted((ROOT / "tools/verify").rglob("*.[ch]*")))
        return [folder for name, folder in sorted(folders.items()) if f'.name = "{name}"' in listed]

    def verify(self):
        """Every family, by our kernels and by the libraries; in a rehearsal a few cases of each."""
        device = ["--device", self.arguments.device]
        if not self.simt:
            self.steps.run("doctor", 30, [self.program, "doctor", *device])
        for backend, options in self.backends():
            for folder in self.families():
                chosen = ["--filter", REHEARSED.get(folder.name, "")] if self.simt else ["--quiet"]
                if folder.name in DECIDED_BY_ROUNDING:
                    chosen += ["--except", DECIDED_BY_ROUNDING[folder.name]]
                for precision in ("f32", "tf32", "bf16") if folder.name == "ops" else ("f32",):
                    self.steps.run(f"verify-{folder.name}-{precision}-{backend}", 180,
                                   [self.program, "verify", folder, *device, *options, *chosen, "--precision",
                                    precision])
        if self.simt:
            return
        if not self.cudnn:
            self.steps.skip("verify-cudnn", "no cuDNN: neither CUDNN_ROOT nor pip's package")
        elif len(self.backends()) == 1:
            self.steps.skip("verify-cudnn", "this program takes no --conv-backend")

    def train(self):
        """The demo's recipe, on the GPU with the feature loss too, from one seed into two folders."""
        runs = [self.steps.out / "runs" / name for name in ("first", "second")]
        if self.simt:
            words = "scenes:1:4 --architecture resnet18 --size 32 --epochs 1 --batch 2 --loss pixel --device cpu"
            models = {"f32": []}
        else:
            words = f"scenes:1:{200 * 8} --recipe demo --loss feature --device {self.arguments.device}"
            models = {"f32": [], "bf16": ["--precision", "bf16"]}
        for name, options in models.items():
            shutil.rmtree(self.steps.out / "runs", ignore_errors=True)
            runs[0].parent.mkdir()
            commands = [[self.program, "train", *words.split(), *options, "--seed", "7", "--set", "valid_fraction=0",
                         "--out", run] for run in runs]
            self.steps.run(f"train-{name}", 180, *commands, ["sha256sum", *[run / "model.safetensors" for run in runs]],
                           ["cmp", *[run / "model.safetensors" for run in runs]])
        shutil.rmtree(self.steps.out / "runs", ignore_errors=True)

    def sanitize(self):
        """memcheck over all cases, the slower tools over a first case of each operator; in a rehearsal no tool."""
        sanitizer = shutil.which("compute-sanitizer", path=SANITIZER_PATH)
        if not self.simt and not sanitizer:
            return self.steps.skip("sanitize", "no compute-sanitizer on PATH or in /usr/local/cuda")
        verify = [self.program, "verify", CONFORMANCE / "ops", "--device", self.arguments.device, "--quiet"]
        for precision in ("bf16", "f32", "tf32"):
            for tool in ("memcheck", "racecheck", "synccheck", "initcheck"):
                filters = ["--filter", "ops/relu/1"] if self.simt else [] if tool == "memcheck" else ["--filter", "/1"]
                under = [] if self.simt else [sanitizer, "--tool", tool, "--error-exitcode", "9"]
                self.steps.run(f"sanitize-{tool}-{precision}", 180,
                               [*under, *verify, *filters, "--precision", precision])

    def bench(self):
        if self.simt:
            small = ["--size", "32", "--repeats", "1", "--warm-up", "0", "--device", "cpu"]
            return self.steps.run("bench-f32-native", 60, [self.program, "bench", "infer", *small])
        works = ["infer --size 256", "infer --size 512", "infer --size 512 --batch 8", "train --size 64 --batch 8",
                 "train --size 128 --batch 8", "train --size 256 --batch 8"]
        for precision in ("f32", "tf32", "bf16"):
            for backend, options in self.backends():
                self.steps.run(f"bench-{precision}-{backend}", 120,
                               *[[self.program, "bench", *work.split(), *options, "--precision", precision, "--device",
                                  self.arguments.device, "--repeats", "30"] for work in works])
        operators = self.build / "bench/bench_kernels"
        if not operators.exists():
            return self.steps.skip("bench-operators", "bench_kernels was not built")
        self.steps.run("bench-operators", 500,
                       [operators, f"--device={self.arguments.device}", "--benchmark_min_time=0.05",
                        f"--benchmark_out={self.steps.out / 'operators.json'}"])

    def peers(self):
        if self.simt:
            return self.steps.skip("peers", "nothing to compare with in a rehearsal")
        if subprocess.run([sys.executable, "-c", "import torch, numpy"], capture_output=True).returncode != 0:
            return self.steps.skip("peers", "PyTorch is not installed for this python3")
        for precision in ("bf16", "tf32", "f32"):
            self.steps.run(f"peers-{precision}", 500,
                           [sys.executable, ROOT / "bench/peers/beside_torch.py", "--program", self.program, "--device",
                            self.arguments.device, "--work", *"infer:256 infer:512:8 train:64:8 train:256:8".split(),
                            "--precision", precision, "--out", self.steps.out / f"peers-{precision}.json"])


STAGES = {"machine": Check.machine, "kernels": Check.kernels, "intrinsics": Check.intrinsics,
          "program": Check.program_, "verify": Check.verify, "train": Check.train, "sanitize": Check.sanitize,
          "bench": Check.bench, "peers": Check.peers}


def find_libraries():
    """Of .deps, also by programs that were built in another place."""
    folders = [str(folder) for folder in DEPS.glob("lib/*-linux-gnu")]
    os.environ["LD_LIBRARY_PATH"] = ":".join(filter(None, [*folders, os.environ.get("LD_LIBRARY_PATH")]))


def main():
    parser = argparse.ArgumentParser(prog="gpu_check.sh", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?", type=pathlib.Path, default="gpu_check", help="default: gpu_check")
    parser.add_argument("--only", nargs="+", choices=STAGES, default=list(STAGES), metavar="STAGE")
    parser.add_argument("--limit", type=float, metavar="SECONDS", help="for all together; what comes later is skipped")
    parser.add_argument("--build-dir", metavar="DIR", help="built already: nothing is built")
    parser.add_argument("--build-limit", type=float, default=540, metavar="SECONDS", help="for each of the two builds")
    parser.add_argument("--device", choices=["cuda", "simt"], default="cuda")
    parser.add_argument("--architectures", default="native", help="of the GPU; default: those that are here")
    parser.add_argument("--jobs", default=str(os.cpu_count()))
    arguments = parser.parse_args()
    find_libraries()
    check = Check(arguments)
    for name, stage in STAGES.items():
        if name in arguments.only:
            stage(check)
    failed = check.steps.failed()
    print(f"{len(check.steps.rows)} steps, {failed} failed; logs in {check.steps.out}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
