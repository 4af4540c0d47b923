"""The peer of cuunet's network in PyTorch: DynamicUnet on a ResNet-34 (fastai 1.0.61: weight-normed shuffles, blur) and
the VGG-16-BN feature loss, written for speed: BatchNorm as its own module in training, folded where it is in eval mode.
"""

import re

import torch
import torch.nn.functional as F
from torch import nn


def block_conv(cin, cout, kernel=3, stride=1):
    return nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False)


class BasicBlock(nn.Module):
    def __init__(self, cin, width, stride):
        super().__init__()
        self.conv1, self.bn1 = block_conv(cin, width, 3, stride), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = block_conv(width, width), nn.BatchNorm2d(width)
        self.downsample = None
        if stride != 1 or cin != width:
            self.downsample = nn.Sequential(block_conv(cin, width, 1, stride), nn.BatchNorm2d(width))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


def stage(cin, width, blocks, stride):
    return nn.Sequential(BasicBlock(cin, width, stride), *[BasicBlock(width, width, 1) for _ in range(blocks - 1)])


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU())
        self.layer1, self.layer2 = stage(64, 64, 3, 1), stage(64, 128, 4, 2)
        self.layer3, self.layer4 = stage(128, 256, 6, 2), stage(256, 512, 3, 2)

    def forward(self, x):
        s2 = self.stem(x)
        s4 = self.layer1(F.max_pool2d(s2, 3, 2, 1))
        s8 = self.layer2(s4)
        s16 = self.layer3(s8)
        return self.layer4(s16), [s16, s8, s4, s2]


def conv_relu(cin, cout, normalise):
    """fastai's conv_layer: weight-normed convolution with bias, then ReLU."""
    return nn.Sequential(normalise(nn.Conv2d(cin, cout, 3, 1, 1)), nn.ReLU())


def blur(x):
    """Replicate the upper and left border, then 2x2 averages."""
    if torch.compiler.is_compiling() and torch.is_grad_enabled():
        # PyTorch 2.15: inductor mistakes the strides of replication_pad2d's gradient and stops.
        x = torch.cat([x[:, :, :1], x], 2)
        x = torch.cat([x[:, :, :, :1], x], 3)
    else:
        x = F.pad(x, (1, 0, 1, 0), mode="replicate")
    return F.avg_pool2d(x, 2, stride=1)


class Shuffle(nn.Module):
    def __init__(self, cin, cout, blur, normalise):
        super().__init__()
        self.conv, self.blur = normalise(nn.Conv2d(cin, 4 * cout, 1)), blur

    def forward(self, x):
        y = F.pixel_shuffle(F.relu(self.conv(x)), 2)
        return blur(y) if self.blur else y


class UpBlock(nn.Module):
    def __init__(self, up, skip, out, blur, normalise):
        super().__init__()
        self.shuffle, self.bn = Shuffle(up, up // 2, blur, normalise), nn.BatchNorm2d(skip)
        self.conv1 = conv_relu(up // 2 + skip, out, normalise)
        self.conv2 = conv_relu(out, out, normalise)

    def forward(self, up, skip):
        return self.conv2(self.conv1(F.relu(torch.cat([self.shuffle(up), self.bn(skip)], 1))))


class DynamicUnet(nn.Module):
    """norm 'weight', blur, y_range none. With weight_norm=False the weights are plain: what folding leaves."""

    def __init__(self, weight_norm=True):
        super().__init__()
        normalise = torch.nn.utils.parametrizations.weight_norm if weight_norm else (lambda conv: conv)
        self.encoder, self.bn = Encoder(), nn.BatchNorm2d(512)
        self.middle = nn.Sequential(conv_relu(512, 1024, normalise), conv_relu(1024, 512, normalise))
        self.blocks = nn.ModuleList(
            [UpBlock(up, skip, out, True, normalise)
             for up, skip, out in [(512, 256, 512), (512, 128, 384), (384, 64, 256), (256, 64, 96)]])
        self.last = Shuffle(96, 96, False, normalise)
        self.residual = nn.Sequential(conv_relu(99, 99, normalise), conv_relu(99, 99, normalise))
        self.head = normalise(nn.Conv2d(99, 3, 1))

    def forward(self, x):
        y, skips = self.encoder(x)
        y = self.middle(F.relu(self.bn(y)))
        for block, skip in zip(self.blocks, skips):
            y = block(y, skip)
        y = torch.cat([self.last(y), x], 1)
        return self.head(y + self.residual(y))


class FeatureLoss(nn.Module):
    """L1 of pixels, of VGG-16-BN features before pools 3 to 5, and of their gram matrices."""

    def __init__(self):
        super().__init__()
        modules, cin, self.taps = [], 3, []
        for width, count in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]:
            for _ in range(count):
                modules += [nn.Conv2d(cin, width, 3, 1, 1), nn.BatchNorm2d(width), nn.ReLU()]
                cin = width
            self.taps.append(len(modules) - 1)
            modules.append(nn.MaxPool2d(2))
        self.taps = self.taps[2:]
        self.features = nn.Sequential(*modules[: self.taps[-1] + 1]).eval().requires_grad_(False)

    def tap(self, x):
        found = []
        for i, module in enumerate(self.features):
            x = module(x)
            if i in self.taps:
                found.append(x)
        return found

    @staticmethod
    def gram(x):
        n, c, h, w = x.shape
        x = x.reshape(n, c, h * w)
        return x @ x.transpose(1, 2) / (c * h * w)

    def forward(self, prediction, target):
        with torch.no_grad():
            wanted = self.tap(target)
        found = self.tap(prediction)
        loss = F.l1_loss(prediction, target)
        for weight, f, w in zip([5, 15, 2], found, wanted):
            loss = loss + weight * F.l1_loss(f, w)
            loss = loss + weight**2 * 5000 * F.l1_loss(self.gram(f), self.gram(w))
        return loss


# (here, there): where cuunet's state dict, which is fastai's, has another name.
RENAMED = [
    (r"^encoder\.stem\.", "layers.0."),
    (r"^encoder\.layer(\d)\.", lambda found: f"layers.0.{int(found[1]) + 3}."),
    (r"^bn\.", "layers.1."),
    (r"^middle\.", "layers.3."),
    (r"^blocks\.(\d)\.", lambda found: f"layers.{int(found[1]) + 4}."),
    (r"\.shuffle\.conv\.", ".shuf.conv.0."),
    (r"^last\.conv\.", "layers.8.conv.0."),
    (r"^residual\.", "layers.10.layers."),
    (r"^head\.", "layers.11.0."),
    (r"\.parametrizations\.weight\.original0$", ".weight_g"),
    (r"\.parametrizations\.weight\.original1$", ".weight_v"),
]


def cuunet_name(name):
    for pattern, replacement in RENAMED:
        name = re.sub(pattern, replacement, name)
    return name


def load(module, tensors):
    """Takes cuunet's weights; a plain weight is folded from weight_g and weight_v where the file has those."""
    state = {}
    for name, old in module.state_dict().items():
        there = cuunet_name(name)
        if there in tensors:
            value = tensors[there]
        else:
            v = tensors[there + "_v"].double()
            value = tensors[there + "_g"].double() * v / v.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
        state[name] = value.reshape(old.shape).to(old.dtype)
    module.load_state_dict(state)
    return module


def fold_batch_norms(module):
    """Folds every BatchNorm that directly follows a convolution into it (the encoder's and the VGG's)."""
    for child in module.children():
        fold_batch_norms(child)
    names = list(module._modules)
    for first, second in zip(names, names[1:]):
        conv, bn = module._modules[first], module._modules[second]
        if isinstance(conv, nn.Conv2d) and isinstance(bn, nn.BatchNorm2d):
            module._modules[first] = torch.nn.utils.fuse_conv_bn_eval(conv.eval(), bn.eval())
            module._modules[second] = nn.Identity()
    return module
