"""Checkpoints to safetensors files and back, by the package `safetensors` (https://github.com/huggingface/safetensors).

A safetensors file holds named arrays and nothing else: no strings, no graph, no checksums.
"""

import os

import numpy as np

from minitf.checkpoint.bundle import write_bundle
from minitf.checkpoint.damage import refuse
from minitf.checkpoint.state import load_checkpoint
from minitf.checkpoint.storage import translated
from minitf.graph import dtypes

_NAMES = {
    "F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I64": "int64", "I32": "int32",
    "I16": "int16", "I8": "int8", "U64": "uint64", "U32": "uint32", "U16": "uint16", "U8": "uint8", "BOOL": "bool",
    "C64": "complex64",
}  # fmt: skip


def _package():
    try:
        from safetensors import numpy
    except ImportError as error:
        raise ImportError('This needs the package safetensors: pip install "minitf[safetensors]"') from error
    return numpy


def export_safetensors(ckpt_dir_or_file, path, names=None):
    """tf.train.export_safetensors: write the tensors of a checkpoint to a safetensors file.

    `names` chooses some of them (default: all); `path` is on this machine, no URL.  Raises ImportError without the
    package, ValueError that names the tensors which such a file can't hold (strings, complex128), NotFoundError for
    a name that is not there.
    """
    package = _package()
    reader = load_checkpoint(ckpt_dir_or_file)
    kinds = reader.get_variable_to_dtype_map()
    names = list(kinds) if names is None else list(names)
    unfit = [n for n in names if n in kinds and kinds[n].name not in _NAMES.values()]
    if unfit:
        raise ValueError(f"A safetensors file can't hold strings and complex128: {', '.join(sorted(unfit))}")
    arrays = dict(zip(names, reader.get_tensors(names), strict=True))
    package.save_file(arrays, os.fspath(path))


def import_safetensors(path, save_path):
    """tf.train.import_safetensors: write the arrays of a safetensors file as the checkpoint `save_path`; returns that.

    The names stay: `tf.train.Saver({name: variable})` or `tf.train.init_from_checkpoint` take them to variables.
    Raises ImportError without the package, NotFoundError where there is no file, DataLossError where it is damaged.
    """
    package = _package()
    with translated(), open(path, "rb") as file:
        content = file.read()
    try:
        found = package.deserialize(content)
    except Exception as error:  # the package's own SafetensorError
        refuse(f"{path}: {error}")
    tensors = {}
    for name, part in found:
        if part["dtype"] not in _NAMES:
            refuse(f"{path}: '{name}' has dtype {part['dtype']}, which minitf does not know")
        dtype = dtypes.as_dtype(_NAMES[part["dtype"]]).as_numpy_dtype
        tensors[name] = np.frombuffer(part["data"], dtype).reshape(part["shape"])
    with translated():
        write_bundle(os.fspath(save_path), tensors)
    return os.fspath(save_path)


class SafetensorsReader:
    """A safetensors file read as `tf.train.load_checkpoint` reads a checkpoint: the header now, arrays when asked.

    Raises ImportError without the package, NotFoundError where there is no file, DataLossError where it is damaged.
    """

    def __init__(self, path):
        _package()
        from safetensors import safe_open

        self.prefix = os.fspath(path)
        with translated(), open(self.prefix, "rb"):
            pass  # the package tells a missing file from a damaged one by its words only
        try:
            self._file = safe_open(self.prefix, framework="numpy")
            slices = {name: self._file.get_slice(name) for name in self._file.keys()}  # noqa: SIM118 (no mapping)
        except Exception as error:  # the package's own SafetensorError
            refuse(f"{path}: {error}")
        self._shapes = {name: list(part.get_shape()) for name, part in slices.items()}
        self._kinds = {name: part.get_dtype() for name, part in slices.items()}
        unknown = {name: kind for name, kind in self._kinds.items() if kind not in _NAMES}
        if unknown:
            refuse(f"{path}: dtypes which minitf does not know: {unknown}")

    def get_variable_to_shape_map(self):
        return dict(self._shapes)

    def get_variable_to_dtype_map(self):
        return {name: dtypes.as_dtype(_NAMES[kind]) for name, kind in self._kinds.items()}

    def get_tensor(self, name):
        return self._file.get_tensor(name)
