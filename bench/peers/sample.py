"""safetensors from and to numpy arrays: what `cuunet bench --write` writes, and files for cuunet."""

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


def write(path, tensors, metadata=None):
    types = {numpy.dtype(type_): name for name, type_ in DTYPES.items()}
    header, begin = {"__metadata__": metadata} if metadata else {}, 0
    for name, values in tensors.items():
        header[name] = {"dtype": types[values.dtype], "shape": values.shape, "data_offsets": [begin, begin + values.nbytes]}
        begin += values.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for values in tensors.values():
            file.write(numpy.ascontiguousarray(values).tobytes())


def below(tensors, prefix):
    return {name[len(prefix):]: value for name, value in tensors.items() if name.startswith(prefix)}
