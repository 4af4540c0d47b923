"""How far PyTorch's own f32 is from the conformance cases of fastai_unet, by memory layout and convolution library.

    python bench/peers/torch_f32.py tests/conformance/fastai_unet [--case NAME …] [--out FILE]

Each case runs in f64, then in f32: contiguous, channels_last, without oneDNN, and both layouts with every weight moved
by at most one unit in its last place. A number's error is given in units of what the case allows; up to 1 passes.
Only cases of the network with weight norm and of the VGG losses.
"""

import argparse
import json
import pathlib
import platform

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from torch_unet import DynamicUnet, FeatureLoss

networks = ["eval_weight_blur", "eval_weight_blur_v61", "eval_weight_noblur_v61", "train_weight_blur", "train_weight_blur_v61"]
losses = ["loss_vgg16", "loss_vgg16_bn"]


def fnv(text):
    h = 0xCBF29CE484222325
    for byte in text.encode():
        h = ((h ^ byte) * 0x100000001B3) & (2**64 - 1)
    return h


def uniform(key, shape, salt):
    """The conformance kit's numbers: made from their name, in [-1, 1)."""
    count = int(np.prod(shape)) if len(shape) else 1
    with np.errstate(over="ignore"):
        z = np.uint64(fnv(f"{salt}/{key}")) + np.arange(count, dtype=np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return ((z >> np.uint64(40)).astype(np.float32) * np.float32(2**-23) - np.float32(1)).reshape(shape)


def parameter(key, shape, salt):
    f = np.float32
    if key.endswith("num_batches_tracked"):
        return np.zeros(shape, np.int64)
    u = uniform(key, shape, salt)
    if key.endswith("running_mean"):
        return f(0.1) * u
    if key.endswith(("running_var", "weight_g")) or (key.endswith("weight") and len(shape) == 1):
        return f(1) + f(0.25) * u
    if len(shape) >= 2:
        return f(np.sqrt(3.0 / np.prod(shape[1:]))) * u
    return f(0.1) * u


def one_ulp_off(tensor, key, seed):
    if seed is None or tensor.dtype != torch.float32:
        return tensor
    draws = torch.Generator().manual_seed(fnv(f"{seed}/{key}") % 2**31)
    direction = torch.randint(-1, 2, tensor.shape, generator=draws)
    target = torch.where(direction > 0, torch.inf, torch.where(direction < 0, -torch.inf, tensor))
    return torch.nextafter(tensor, target)


def fill(model, names, salt, seed):
    state = model.state_dict()
    for key, name in zip(state, names):
        value = torch.from_numpy(np.asarray(parameter(name, tuple(state[key].shape), salt)))
        state[key] = one_ulp_off(value, name, seed)
    model.load_state_dict(state)
    return model


class OldUnet(DynamicUnet):
    """fastai 1.0.56: skips carry no gradient into the encoder."""

    def forward(self, x):
        y, skips = self.encoder(x)
        y = self.middle(F.relu(self.bn(y)))
        for block, skip in zip(self.blocks, skips):
            y = block(y, skip.detach())
        y = torch.cat([self.last(y), x], 1)
        return self.head(y + self.residual(y))


def make_network(case, names, seed):
    config = case["model"]
    old = config["fastai"] == "1.0.56"
    model = OldUnet() if old else DynamicUnet()
    model.last.blur = old
    for block in model.blocks:
        block.shuffle.blur = old or config["blur"]
    return fill(model, names, case["salt"], seed)


def keep_activations(model, kept):
    def keep(name):
        return lambda module, inputs, output: kept.__setitem__(name, output)

    model.bn.register_forward_hook(keep("act/layers.1"))
    model.middle.register_forward_hook(keep("act/layers.3"))
    for i, block in enumerate(model.blocks):
        block.register_forward_hook(keep(f"act/layers.{4 + i}"))
    model.last.register_forward_hook(keep("act/layers.8"))

    def around_residual(module, inputs, output):
        kept["act/layers.9"], kept["act/layers.10"] = inputs[0], inputs[0] + output

    model.residual.register_forward_hook(around_residual)


def inputs_of(case, dtype, layout):
    found = {}
    for name, one in case["inputs"].items():
        scale = np.float32(2 if one["transform"] == "2*uniform" else 1)
        value = scale * uniform(f"{case['name']}/{name}", one["shape"], case["salt"])
        found[name] = torch.from_numpy(value).to(dtype).contiguous(memory_format=layout)
    return found


def run_network(case, names, dtype, layout, seed):
    model = make_network(case, names, seed).to(dtype).to(memory_format=layout)
    given, found = inputs_of(case, dtype, layout), {}
    if case["mode"] == "eval":
        keep_activations(model.eval(), found)
        with torch.no_grad():
            found["output"] = found["act/layers.11"] = model(given["input"])
        return found
    x = given["input"].requires_grad_()
    found["output"] = model.train()(x)
    F.l1_loss(found["output"], given["target"]).backward()
    found["input_grad"] = x.grad
    by_key = dict(zip(model.state_dict(), names))
    found |= {"grad/" + by_key[key]: p.grad for key, p in model.named_parameters()}
    return found | {"buffer/" + by_key[key]: b for key, b in model.named_buffers()}


def vgg16(batch_norm):
    modules, cin = [], 3
    for width, count in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]:
        for _ in range(count):
            modules += [nn.Conv2d(cin, width, 3, 1, 1)] + [nn.BatchNorm2d(width)] * batch_norm + [nn.ReLU()]
            cin = width
        modules.append(nn.MaxPool2d(2))
    return nn.Sequential(*modules)


def run_loss(case, names, dtype, layout, seed):
    taps = case["model"]["taps"]
    features = vgg16("_bn" in case["name"])[: taps[-1] + 1]
    fill(features, ["features." + key for key in features.state_dict()], case["salt"], seed)
    features = features.eval().requires_grad_(False).to(dtype).to(memory_format=layout)

    def tapped(x):
        found = []
        for i, module in enumerate(features):
            x = module(x)
            found += [x] if i in taps else []
        return found

    given = inputs_of(case, dtype, layout)
    prediction, target = given["pred"].requires_grad_(), given["target"]
    mine, wanted = tapped(prediction), tapped(target)
    terms = {"pixel": F.l1_loss(prediction, target)}
    for i, weight in enumerate([5, 15, 2]):
        terms[f"feat_{i}"] = weight * F.l1_loss(mine[i], wanted[i])
        terms[f"gram_{i}"] = weight**2 * 5000 * F.l1_loss(FeatureLoss.gram(mine[i]), FeatureLoss.gram(wanted[i]))
    terms["total"] = sum(terms.values())
    terms["total"].backward()
    found = {"pred_grad": prediction.grad}
    for i, tap in enumerate(mine):
        found |= {f"tap_{i}_pred": tap, f"tap_{i}_pred_channels_0_7": tap[:, :8]}
    return found | terms


def errors_of(case, stored, found):
    """In units of what the case allows: of its scalars, of each probe, and the largest of each stored tensor."""
    errors = {}
    for name, tensor in found.items():
        values = tensor.detach().double().contiguous().flatten().numpy()
        if name in case.get("scalar_tolerance", {}) and name in case["scalars"]:
            expected = case["scalars"][name]
            errors[name] = abs(values[0] - expected) / (case["scalar_tolerance"][name]["rtol"] * abs(expected))
        if name in case["probes"]:
            draw = uniform("probe/" + name, values.shape, case["salt"]).astype(np.float64)
            probes = [values.sum(), np.sqrt((values * values).sum()), (values * draw).sum()]
            for i, probe in enumerate(probes):
                allowed = case["probe_tolerance"][name][i]
                if allowed:
                    errors[f"{name} probe {i}"] = abs(probe - case["probes"][name][i]) / allowed
        if name in stored:
            expected = stored[name].astype(np.float64).flatten()
            allowed = case["tolerances"].get(name, case["tolerance"])
            errors[name] = (np.abs(values - expected) / (allowed["atol"] + allowed["rtol"] * np.abs(expected))).max()
    return errors


def read_safetensors(path):
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header, body = json.loads(data[8 : 8 + length]), data[8 + length :]
    return {name: np.frombuffer(body[slice(*one["data_offsets"])], np.float32).reshape(one["shape"])
            for name, one in header.items() if name != "__metadata__"}


def modes():
    yield "f64", torch.float64, torch.contiguous_format, True, None
    yield "f32 contiguous", torch.float32, torch.contiguous_format, True, None
    yield "f32 channels_last", torch.float32, torch.channels_last, True, None
    yield "f32 without oneDNN", torch.float32, torch.contiguous_format, False, None
    for seed in range(3):
        yield f"f32 contiguous, weights moved {seed}", torch.float32, torch.contiguous_format, True, seed
        yield f"f32 channels_last, weights moved {seed}", torch.float32, torch.channels_last, True, seed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--case", nargs="+", default=networks + losses)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    manifest = json.loads((options.folder / "manifest_unet_resnet34_weight.json").read_text())
    names = [entry["key"] for entry in manifest["state_dict"]]
    rows = []
    for name in options.case:
        case = json.loads((options.folder / f"{name}.json").read_text())
        stored = read_safetensors(options.folder / f"{name}.safetensors")
        for mode, dtype, layout, onednn, seed in modes():
            with torch.backends.mkldnn.flags(enabled=onednn):
                errors = errors_of(case, stored, (run_loss if name in losses else run_network)(case, names, dtype, layout, seed))
            worst = max(errors, key=errors.get)
            rows.append({"case": name, "mode": mode, "numbers": len(errors), "beyond": sum(bool(e > 1) for e in errors.values()),
                         "worst": round(float(errors[worst]), 2), "where": worst})
            print(f"{name:24} {mode:36} {rows[-1]['beyond']:4} of {len(errors):4} beyond, worst {errors[worst]:8.2f}  {worst}",
                  flush=True)
    if options.out:
        about = {"machine": platform.machine(), "torch": torch.__version__, "threads": options.threads}
        options.out.write_text(json.dumps(about | {"rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
