"""Every kind of network, converted, gives in ONNX Runtime what it gives here: onnx_parity.py CUUNET CONFORMANCE [NAME …]

Weights of the cases' manifests are drawn; sizes are odd multiples where the network allows it. Runs where ONNX Runtime
is installed (make bench-peers); exits with 77 elsewhere. With names, only networks whose rows begin so; --large adds
those that take minutes.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy
    import onnxruntime
except ImportError:
    print("no ONNX Runtime here: make bench-peers installs it")
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "bench/peers"))
import sample

# A share of the largest value, f32 against f32 with sums in other orders. The worst seen is 1.2e-5, where instance norms
# over few values magnify the last bits; a wrong border, index or normalisation is off by more than 1e-2.
TOLERANCE = 5e-5


def unet(**options):
    """What cuunet's own files say of a network, where names and shapes do not."""
    common = {"architecture": "dynamic_unet", "encoder": "resnet34", "encoder_width": 64, "in_channels": 3, "classes": 3,
              "built_for": [0, 0], "norm": "none", "blur": False, "blur_final": True, "self_attention": False,
              "last_cross": True, "bottleneck": False, "fastai": "1.0.61", "decoder": "fastai", "decoder_width": 1.0,
              "y_range": None, "trained_size": 0}
    return {**common, **options}


EVEN = ["64x64", "70x54", "98x130"]
# (name, manifest, description of a U-Net, sizes); a size "" is the only one that the network takes.
ROWS = [
    ("unet_weight_blur_1.0.56", "fastai_unet/manifest_unet_resnet34_weight",
     unet(norm="weight", blur=True, fastai="1.0.56"), EVEN),
    ("unet_weight_blur", "fastai_unet/manifest_unet_resnet34_weight", unet(norm="weight", blur=True), EVEN),
    ("unet_spectral_attention_yrange", "fastai_unet/manifest_unet_resnet34_spectral_sa",
     unet(norm="spectral", self_attention=True, y_range=[-3.0, 3.0]), EVEN),
    ("unet_none", "fastai_unet/manifest_unet_resnet34_none", unet(), ["66x34"]),
    ("unet_batch_attention", "fastai_unet/manifest_unet_resnet34_batch_sa", unet(norm="batch", self_attention=True),
     ["66x34"]),
    ("unet_omitted", "fastai_unet/manifest_unet_resnet34_omitted", unet(norm="omitted"), ["66x34"]),
    ("unet_odd_33x47", "fastai_unet/manifest_unet_resnet34_weight_odd",
     unet(norm="weight", blur=True, built_for=[33, 47]), [""]),
    ("resnet18", "fastai_unet/manifest_torchvision_resnet18", None, ["64x64", "97x75"]),
    ("resnet50", "fastai_unet/manifest_torchvision_resnet50", None, ["97x75"]),
    ("vgg16_bn", "fastai_unet/manifest_torchvision_vgg16_bn", None, [""]),
    ("deoldify_deep", "deoldify/manifest_deep_small", None, EVEN),
    ("deoldify_critic", "deoldify/manifest_critic_small", None, ["64x64", "97x81"]),
    ("nectargan_transposed", "nectargan/manifest_unet_n5", None, ["128x128", "128x256"]),
    ("nectargan_bilinear", "nectargan/manifest_unet_bilinear", None, ["256x256", "257x512"]),
    ("nectargan_residual", "nectargan/manifest_unet_residual_n5", None, [""]),
    ("nectargan_residual_bilinear", "nectargan/manifest_unet_residual_bilinear", None, [""]),
    ("nectargan_patches", "nectargan/manifest_patchgan_default", None, ["64x64", "75x90"]),
]
LARGE = [
    ("large_deoldify_deep", "deoldify/manifest_deep", None, ["64x64", "70x54"]),
    ("large_deoldify_wide", "deoldify/manifest_wide", None, ["64x64", "70x54"]),
    ("large_vgg16", "fastai_unet/manifest_torchvision_vgg16", None, [""]),
]


def drawn_state(entries):
    """Values under which signals neither vanish nor explode; u and v near the largest singular value's vectors."""
    draw, state = numpy.random.default_rng(2), {}
    for entry in entries:
        key, shape = entry["key"], entry["shape"]
        if entry["dtype"] == "int64":
            state[key] = numpy.zeros(shape, numpy.int64)
            continue
        values = draw.uniform(-1, 1, shape)
        kind = key.rsplit(".", 1)[-1]
        if kind in ("running_var", "weight_g") or (kind == "weight" and len(shape) == 1):
            values = 1 + 0.25 * values
        elif len(shape) > 1:
            values *= (3 / numpy.prod(shape[1:])) ** 0.5
        elif kind == "gamma":
            values = 0.5 + 0.25 * values
        else:
            values *= 0.1
        state[key] = values.astype(numpy.float32)
    for key in [key for key in state if key.endswith("weight_orig")]:
        matrix, layer = state[key].reshape(len(state[key]), -1), key[:-len("weight_orig")]
        v = numpy.ones(matrix.shape[1], numpy.float32)
        for _ in range(3):
            u = matrix @ v
            v = matrix.T @ (u / numpy.linalg.norm(u))
            v /= numpy.linalg.norm(v)
        state[layer + "weight_u"] = (u / numpy.linalg.norm(u)).astype(numpy.float32)
        state[layer + "weight_v"] = v.astype(numpy.float32)
    return state


def weights_file(kit, manifest, description, folder):
    path = folder / "weights.safetensors"
    case = json.loads((kit / f"{manifest}.json").read_text())
    state = drawn_state(case.get("state_dict") or case["entries"])
    if description:
        state = {f"model.{key}": value for key, value in state.items()}
    metadata = {"cuunet.model": json.dumps(description)} if description else None
    sample.write(path, state, metadata)
    return path


def parity(program, weights, sizes):
    """What `convert --check` says; a size "" is the one of a network that takes no other."""
    command = [program, "convert", "--force", "--json", "--check", weights, weights.with_name("model.onnx")]
    if sizes != [""]:
        command += ["--check-sizes", ",".join(sizes)]
    environment = {**os.environ, "CUUNET_PYTHON": sys.executable}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)["parity"]


def main():
    names = [name for name in sys.argv[3:] if name != "--large"]
    rows = ROWS + (LARGE if "--large" in sys.argv else [])
    failed, worst = [], 0
    for name, manifest, description, sizes in rows:
        if names and not name.startswith(tuple(names)):
            continue
        with tempfile.TemporaryDirectory(prefix="cuunet-onnx-") as folder:
            path = weights_file(pathlib.Path(sys.argv[2]), manifest, description, pathlib.Path(folder))
            for row in parity(sys.argv[1], path, sizes)["rows"]:
                size, off = f"{row['height']}x{row['width']}", row["difference"] / row["largest"]
                print(f"{name} {size} {row['output']} {row['shape']}: off by {off:.1e} of {row['largest']:.2g}",
                      flush=True)
                worst = max(worst, off)
                if not off <= TOLERANCE:
                    failed.append(f"{name} {size} {row['output']}: {off:.1e}, expected at most {TOLERANCE}")
    print(f"largest difference: {worst:.1e} of the largest value (ONNX Runtime {onnxruntime.__version__})")
    print("\n".join(failed))
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
