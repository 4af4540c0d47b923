"""One mode of PyTorch in a process of its own, run by beside_torch.py. An empty line on standard input asks for one step,
its seconds are the answer; a line with a path asks for one step whose result is written there (numpy's npz): output, or
loss and gradient.<name>, under cuunet's names.

PyTorch at its best. Inference: weight norm and BatchNorm folded; channels_last; inductor's freezing (weights packed for
oneDNN); bf16 throughout. Training: the target's features under no_grad, a frozen VGG with BatchNorm folded, fused
AdamW; bf16 as autocast, the frozen VGG in bf16 itself. On a GPU also: cuDNN's choice timed (benchmark), compiled code
replayed as CUDA graphs; f32 without TF32, tf32 with it.
"""

import argparse
import sys
import time

import numpy
import torch

import sample
from torch_unet import DynamicUnet, FeatureLoss, cuunet_name, fold_batch_norms, load

DTYPES = {"f32": torch.float32, "tf32": torch.float32, "bf16": torch.bfloat16, "f64": torch.float64}


def laid_out(module_or_tensor, mode):
    return module_or_tensor if mode == "eager" else module_or_tensor.to(memory_format=torch.channels_last)


def compiled(function, device, **inductor):
    if device.type == "cuda":
        return torch.compile(function, mode="reduce-overhead")
    for name, value in inductor.items():
        setattr(torch._inductor.config, name, value)
    return torch.compile(function)


class Inference:
    def __init__(self, tensors, mode, dtype):
        model = load(DynamicUnet(weight_norm=False), sample.below(tensors, "network."))
        self.x = laid_out(tensors["input"].to(dtype).clone(), mode)
        model = laid_out(fold_batch_norms(model.double().eval()).to(self.x.device, dtype), mode)
        self.no_gradients = torch.inference_mode
        if mode == "compile":
            # freezing does not know inference_mode
            model, self.no_gradients = compiled(model, self.x.device, freezing=True), torch.no_grad
        self.model = model

    def __call__(self):
        with self.no_gradients():
            self.y = self.model(self.x)

    def result(self):
        return {"output": self.y.float() if self.y.dtype == torch.bfloat16 else self.y}


class Training:
    def __init__(self, tensors, mode, dtype):
        kept = torch.float64 if dtype == torch.float64 else torch.float32
        x, target = (laid_out(tensors[name].to(kept).clone(), mode) for name in ("input", "target"))
        self.model = laid_out(load(DynamicUnet(), sample.below(tensors, "network.")).to(x.device, kept), mode)
        loss = load(FeatureLoss(), sample.below(tensors, "vgg.")).double()
        loss = laid_out(fold_batch_norms(loss).requires_grad_(False).to(x.device, dtype), mode)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=4e-7, betas=(0.95, 0.99), weight_decay=1e-3,
                                           fused=True)

        def forward():
            with torch.autocast(x.device.type, dtype=torch.bfloat16, enabled=dtype == torch.bfloat16):
                return loss(self.model(x), target)

        self.forward = compiled(forward, x.device) if mode == "compile" else forward

    def __call__(self):
        self.optimizer.zero_grad(set_to_none=True)
        self.loss = self.forward()
        self.loss.backward()
        self.optimizer.step()

    def result(self):
        gradients = {"gradient." + cuunet_name(name): p.grad for name, p in self.model.named_parameters()}
        return {"loss": self.loss.detach(), **gradients}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["infer", "train"])
    parser.add_argument("--mode", required=True, choices=["eager", "channels_last", "compile"])
    parser.add_argument("--precision", required=True, choices=list(DTYPES))
    parser.add_argument("--device", type=torch.device, default=torch.device("cpu"))
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--sample", required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = arguments.precision == "tf32"
    tensors = {name: torch.from_numpy(array) for name, array in sample.read(arguments.sample).items()}
    for name in {"input", "target"} & tensors.keys():
        tensors[name] = tensors[name].to(arguments.device)
    make = Inference if arguments.kind == "infer" else Training
    step = make(tensors, arguments.mode, DTYPES[arguments.precision])
    del tensors
    for line in sys.stdin:
        start = time.perf_counter()
        step()
        if arguments.device.type == "cuda":
            torch.cuda.synchronize()
        seconds = time.perf_counter() - start
        if line.strip():
            numpy.savez(line.strip(), **{name: value.cpu().numpy() for name, value in step.result().items()})
        print(f"{seconds:.6f}", flush=True)


if __name__ == "__main__":
    main()
