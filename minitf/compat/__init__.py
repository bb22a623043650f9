"""Run a public TensorFlow 1 program unchanged: `import tensorflow` means minitf while the switch is on.

Files, in reading order:
    names.py      which of TensorFlow's module names stands for which of minitf's namespaces
    finder.py     the switch: `install`, `uninstall`, and the import hook between them
    retired.py    names that were dropped before 1.0: `tf.mul`, `tf.pack`
    retired_nn.py the same of `tf.nn`
    internals.py  names of TensorFlow's own modules that programs reach for
    generated.py  `gen_nn_ops` and its kin: operations by their types
    mnist.py      `input_data.read_data_sets` without a download
    era.py        what else a program of 2017 expects: Python 2's `print`, names that NumPy dropped
    program.py    a `.py` file or a notebook, run from its first line to its last
    migration.py  `tf.compat` itself: `as_text`, `as_bytes`, `disable_v2_behavior`

On the command line: `python -m minitf run program.py [arguments]`. In a notebook: `minitf.compat.install()`
in the first cell. How far it carries is measured on programs that others wrote: docs/compatibility.md.
"""

import sys

from minitf.compat.finder import install, uninstall
from minitf.compat.migration import (
    as_bytes,
    as_str,
    as_str_any,
    as_text,
    bytes_or_text_types,
    complex_types,
    forward_compatible,
    integral_types,
    path_to_str,
    real_types,
)
from minitf.compat.program import run_program

__all__ = [
    "as_bytes", "as_str", "as_str_any", "as_text", "bytes_or_text_types", "complex_types",
    "forward_compatible", "install", "integral_types", "path_to_str", "real_types", "run_program",
    "uninstall",
]  # fmt: skip


def __getattr__(name):
    """`tf.compat.v1` is minitf itself."""
    if name == "v1":
        return sys.modules["minitf"]
    raise AttributeError(f"minitf.compat has no {name}", name=name)
