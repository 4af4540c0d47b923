"""What cuunet converts, PyTorch reads bit for bit: torch_round_trip.py CUUNET KIT

Runs where PyTorch is installed (make bench-peers); exits with 77 elsewhere.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import torch
except ImportError:
    print("no PyTorch here: make bench-peers installs it")
    sys.exit(77)


def convert(program, *arguments):
    subprocess.run([program, "convert", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def bits(tensor):
    return bytes(tensor.detach().contiguous().flatten().view(torch.uint8).tolist()) if tensor.numel() else b""


def require_equal(path, want, got):
    """Tensors bit for bit; of other values those that are kept."""
    if isinstance(want, torch.Tensor):
        assert isinstance(got, torch.Tensor), path
        assert (want.dtype, want.shape) == (got.dtype, got.shape), (path, want.dtype, got.dtype)
        assert bits(want) == bits(got), f"{path}: other bits"
    elif isinstance(want, dict):
        for key, value in want.items():
            if not isinstance(value, (bytes, complex, torch.device)):
                require_equal(f"{path}.{key}", value, got[key])
    elif isinstance(want, (list, tuple)):
        assert len(want) == len(got), path
        for i, value in enumerate(want):
            require_equal(f"{path}.{i}", value, got[i])
    elif isinstance(want, (int, float, str, bool, type(None))):
        assert want == got and type(want) is type(got), (path, want, got)


def kit_files(program, kit, folder):
    count = 0
    for case in sorted(kit.glob("*.json")):
        case = json.loads(case.read_text())
        if case["expect"] != "load" or case["format"] == "safetensors":
            continue
        source, result = kit / case["file"], folder / "result.pth"
        # The restricted loader lacks protocols 4 and 5; these files are this project's own.
        want = torch.load(source, map_location="cpu", weights_only=case["original"] == "accepts")
        convert(program, "--force", source, result)
        require_equal(case["file"], want, torch.load(result, weights_only=True))
        count += 1
    assert count > 20, count
    return count


def every_type(program, folder):
    torch.manual_seed(1)
    numbers = torch.randn(3, 5, dtype=torch.float64) * 100
    types = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16,
             torch.int8, torch.uint8, torch.bool]
    state = {f"t{i}": numbers.to(kind) for i, kind in enumerate(types)}
    state |= {"scalar": torch.tensor(2.5), "empty": torch.zeros(0, 4), "turned": numbers.t(), "part": numbers[1:, ::2],
              "nan": torch.tensor([float("nan"), float("inf"), -0.0])}
    for zipped in (True, False):
        for form in ("state.safetensors", "state.pth"):
            torch.save(state, folder / "in.pth", _use_new_zipfile_serialization=zipped)
            convert(program, "--force", folder / "in.pth", folder / form)
            convert(program, "--force", folder / form, folder / "out.pth")
            require_equal(form, state, torch.load(folder / "out.pth", weights_only=True))
    for name, kind in (("bf16", torch.bfloat16), ("f16", torch.float16), ("f64", torch.float64)):
        convert(program, "--force", "--dtype", name, folder / "in.pth", folder / "out.pth")
        cast = {key: value.to(kind) if value.is_floating_point() else value for key, value in state.items()}
        got = torch.load(folder / "out.pth", weights_only=True)
        cast.pop("nan"), got.pop("nan")  # which NaN it is may differ
        require_equal(name, cast, got)


def folding(program, folder):
    from torch.nn import utils

    make = [lambda: torch.nn.Conv2d(3, 8, 3), lambda: torch.nn.Linear(5, 7), lambda: torch.nn.ConvTranspose2d(4, 6, 3)]
    norms = [utils.weight_norm, utils.spectral_norm, utils.parametrizations.weight_norm,
             utils.parametrizations.spectral_norm]
    worst = 0.0
    for norm in norms:
        for layer in make:
            layer = norm(layer()).eval()
            with torch.no_grad():
                if norm is utils.weight_norm:
                    torch.nn.init.uniform_(layer.weight_g, 0.5, 2)
                    layer.weight = torch._weight_norm(layer.weight_v, layer.weight_g, 0)
                elif norm is utils.spectral_norm:
                    # In eval mode its hook computes the weight at each call; the state dict's parts stay.
                    channels = layer.in_features if hasattr(layer, "in_features") else layer.in_channels
                    layer(torch.randn(1, channels, *[9] * (layer.weight.dim() - 2)))
            torch.save(layer.state_dict(), folder / "norm.pth")
            convert(program, "--force", "--fold", folder / "norm.pth", folder / "folded.pth")
            got = torch.load(folder / "folded.pth", weights_only=True)
            assert set(got) == {"weight", "bias"}, set(got)
            worst = max(worst, ((got["weight"] - layer.weight).abs().max() / layer.weight.abs().max()).item())
    assert worst < 1e-6, worst  # a few roundings of f32 there, one here
    return worst


def main():
    program, kit = sys.argv[1], pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        count = kit_files(program, kit, folder)
        every_type(program, folder)
        worst = folding(program, folder)
    print(f"PyTorch {torch.__version__}: {count} files of the kit and every type equal bit for bit, "
          f"folded weights within {worst:.1e}")


main()
