"""Why deoldify/deep_small_train_64 is missed in f32: one ReLU's input, and what PyTorch's own f32 makes of it.

    python bench/peers/torch_flip.py

The ReLUs of that network's encoder (ResNet-18 in training, two pictures of 64 px) that PyTorch's f32 switches otherwise
than its f64, in both memory layouts, without oneDNN, and with every weight moved by at most one unit in its last place.
"""

import numpy as np
import torch
from torch import nn

from torch_f32 import fill, uniform
from torch_unet import stage

CHANGES = 12


def encoder(dtype, layout, seed):
    layers = nn.Sequential(nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1),
                           stage(64, 64, 2, 1), stage(64, 128, 2, 2), stage(128, 256, 2, 2), stage(256, 512, 2, 2))
    fill(layers, ["layers.0." + key for key in layers.state_dict()], 0, seed)
    return layers.train().to(dtype).to(memory_format=layout)


def relu_inputs(layers, x):
    """What enters each ReLU behind a bn1, by the norm's name."""
    found = {}
    for name, module in layers.named_modules():
        if name == "1" or name.endswith("bn1"):
            module.register_forward_hook(lambda _, inputs, y, name=name: found.__setitem__("layers.0." + name, y.double()))
    with torch.no_grad():
        layers(x.to(next(layers.parameters()).dtype))
    return found


def modes():
    yield "contiguous", torch.contiguous_format, True, None
    yield "channels_last", torch.channels_last, True, None
    yield "without oneDNN", torch.contiguous_format, False, None
    for seed in range(CHANGES):
        yield f"contiguous, weights moved {seed}", torch.contiguous_format, True, seed


def main():
    x = torch.from_numpy(uniform("deep_small_train_64/input", (2, 3, 64, 64), 0))
    exact = relu_inputs(encoder(torch.float64, torch.contiguous_format, None), x)
    name = min(exact, key=lambda key: exact[key].abs().min())
    values = exact[name].flatten()
    at = values.abs().argmin()
    two = np.sort(values.abs().numpy())[:2]
    print(f"f64: nearest to zero is {values[at]:.3g} in {name}; the next of its {values.numel()} is {two[1]:.3g}")
    for mode, layout, onednn, seed in modes():
        with torch.backends.mkldnn.flags(enabled=onednn):
            found = relu_inputs(encoder(torch.float32, layout, seed), x.contiguous(memory_format=layout))
        error = (found[name] - exact[name]).square().mean().sqrt()
        flips = {key: int(((found[key] > 0) != (exact[key] > 0)).sum()) for key in exact}
        print(f"f32 {mode:30} that value {found[name].flatten()[at]:10.2e}, error of its layer {error:.1e}, flips: "
              f"{({key: n for key, n in flips.items() if n}) or 'none'}")


if __name__ == "__main__":
    main()
