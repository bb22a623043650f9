"""Which processor machine code is made for.

On x86-64 it is not the very model but its *level*, as compilers name what most models share: v2 (2009), v3 with
vectors of 256 bits and fused multiplication and addition (2013), v4 with vectors of 512 bits.  So the kernels that come
with the package serve nearly every machine, they are the same as those that a machine compiles itself, and
two machines of one level get the same bits.  Elsewhere it is the machine's own processor.

NUMBA_CPU_NAME and NUMBA_CPU_FEATURES choose another one, as they do for Numba.  `docs/decisions/shipped-kernels.md`
tells what a level costs.
"""

import os
import platform
from typing import NamedTuple

from llvmlite import binding

_V2 = {"cx16", "popcnt", "sse3", "ssse3", "sse4.1", "sse4.2"}
_V3 = _V2 | {"avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"}
_V4 = _V3 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}


class Processor(NamedTuple):
    """A processor by LLVM's name, and what it can more or less than its name says."""

    name: str
    features: str


LEVELS = {  # the best first: processor -> the features that a machine must have
    Processor("x86-64-v4", "-prefer-256-bit"): _V4,  # without it LLVM would use half of each vector
    Processor("x86-64-v3", ""): _V3,
    Processor("x86-64-v2", ""): _V2,
}


def processor():
    """The `Processor` that this package's kernels are made for."""
    name, features = os.environ.get("NUMBA_CPU_NAME"), os.environ.get("NUMBA_CPU_FEATURES")
    if name is None and features is None:
        return level(binding.get_host_cpu_features()) or of_this_machine()
    own = of_this_machine()
    if features is None:
        features = "" if name == "generic" else own.features
    return Processor(name or own.name, features)


def level(features, machine=None):
    """The highest level of a machine with these features {name: has it}, None where it is none of x86-64."""
    if (machine or platform.machine()).lower() not in ("x86_64", "amd64"):
        return None
    return next((p for p, needed in LEVELS.items() if all(features.get(n) for n in needed)), None)


def of_this_machine():
    """The machine's own `Processor`."""
    return Processor(binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten())


def tell(numba):
    """Have Numba compile for `processor()`; returns what it does compile for.

    Where a program has used Numba before, its choice was made then.
    """
    from numba.core.registry import cpu_target

    if "_toplevel_target_context" not in vars(cpu_target):
        numba.config.CPU_NAME, numba.config.CPU_FEATURES = processor()
    own, config = of_this_machine(), numba.config
    return Processor(
        own.name if config.CPU_NAME is None else config.CPU_NAME,
        own.features if config.CPU_FEATURES is None else config.CPU_FEATURES,
    )
