"""Reads safetensors as numpy arrays: what `cuunet bench --write` writes."""

import json

import numpy

DTYPES = {"F64": numpy.float64, "F32": numpy.float32, "I64": numpy.int64}


def read(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        begin = file.tell()
    data = numpy.memmap(path, mode="c")
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            first, last = (begin + offset for offset in entry["data_offsets"])
            tensors[name] = data[first:last].view(DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def below(tensors, prefix):
    return {name[len(prefix):]: value for name, value in tensors.items() if name.startswith(prefix)}
