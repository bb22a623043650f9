"""Random numbers: the CPU's, made by as many threads as there are.

Philox is a function of a key and a counter (`minitf/kernels/philox.py`), so thread i computes block i of the stream
without knowing the blocks before it, and the numbers are those of the CPU: whole numbers and uniform ones bit for bit,
normal ones up to the last digits of the logarithm, sine and cosine.  The words are made by the CPU's own source.

The state (key and counter) stays on the host, which advances it when it launches; a launch takes it as three numbers.
"""

import math

import numpy as np

from minitf.kernels import philox
from minitf.kernels.cuda.cases import empty
from minitf.kernels.cuda.launching import number, over
from minitf.kernels.cuda.scalars import translated
from minitf.kernels.cuda.toolkit import (
    Intrinsic,
    device,
    float32,
    float64,
    int32,
    int64,
    kernel,
    numba_cuda,
    thread_count,
    thread_index,
    uint32,
    uint64,
)

block = translated(philox.block)
LOW23, LOW20, SHIFT = uint64(0x7FFFFF), uint64(0xFFFFF), uint64(32)
SMALLEST = 1e-7  # stands for 0 under a logarithm
GROUP = philox.RESERVED // 4  # counters between two blocks, for each truncated number
four = two = None  # fixed by `specialise`: what a block becomes


def _of_half_turns(function, name):
    return Intrinsic(lambda x: function(type(x)(np.pi) * x), lambda: getattr(numba_cuda().libdevice, name))


sin32, cos32 = _of_half_turns(np.sin, "sinpif"), _of_half_turns(np.cos, "cospif")  # sin(pi x), cos(pi x)
sin64, cos64 = _of_half_turns(np.sin, "sinpi"), _of_half_turns(np.cos, "cospi")


@device
def unit32(a):
    """A float32 in [0, 1) from the low 23 bits of a word."""
    return float32(float32(int32(a & LOW23)) * float32(2.0**-23))


@device
def unit64(a, b):
    """A float64 in [0, 1) from 52 bits of two words."""
    return float64(int64((a & LOW20) << SHIFT | b)) * float64(2.0**-52)


@device
def four_uniforms(a, b, c, d):
    return unit32(a), unit32(b), unit32(c), unit32(d)


@device
def two_uniforms(a, b, c, d):
    return unit64(a, b), unit64(c, d)


@device
def four_integers(a, b, c, d):
    return int32(a), int32(b), int32(c), int32(d)


@device
def two_integers(a, b, c, d):
    return int64(a | b << SHIFT), int64(c | d << SHIFT)


@device
def four_normals(a, b, c, d):
    """Box and Muller: a radius and an angle become two normal numbers.

    sin(pi x) where the CPU has sin(2 pi u): it needs no reduction of large arguments, which costs local memory.
    """
    first = math.sqrt(float32(-2) * math.log(max(unit32(a), float32(SMALLEST))))
    second = math.sqrt(float32(-2) * math.log(max(unit32(c), float32(SMALLEST))))
    u, v = float32(2) * unit32(b), float32(2) * unit32(d)
    return first * sin32(u), first * cos32(u), second * sin32(v), second * cos32(v)


@device
def two_normals(a, b, c, d):
    radius = math.sqrt(float64(-2) * math.log(max(unit64(a, b), float64(SMALLEST))))
    u = float64(2) * unit64(c, d)
    return radius * sin64(u), radius * cos64(u)


@kernel(registers=48)
def fill_by_four(key, low, high, out):
    """out = the numbers of block 0, of block 1, ...: four from each; a thread for each block."""
    n, i = uint32(out.size), thread_index()
    while uint32(i * uint32(4)) < n:
        a, b, c, d = block((key, low, high), i)
        found = four(a, b, c, d)
        for j in range(4):
            at = uint32(i * uint32(4) + uint32(j))
            if at < n:
                out[at] = found[j]
        i = uint32(i + thread_count())


@kernel(registers=64)
def fill_by_two(key, low, high, out):
    """The same for numbers of 64 bits: two from each block."""
    n, i = uint32(out.size), thread_index()
    while uint32(i * uint32(2)) < n:
        a, b, c, d = block((key, low, high), i)
        x, y = two(a, b, c, d)
        out[uint32(i * uint32(2))] = x
        if uint32(i * uint32(2) + uint32(1)) < n:
            out[uint32(i * uint32(2) + uint32(1))] = y
        i = uint32(i + thread_count())


@kernel(registers=64)
def truncated_by_four(key, low, high, out):
    """out = normal numbers between -2 and 2: a thread draws again until its four numbers are found."""
    n, group = uint32(out.size), thread_index()
    while uint32(group * uint32(4)) < n:
        at = uint32(group * uint32(4))
        end = min(uint32(at + uint32(4)), n)
        index = uint64(at) * uint64(GROUP)
        while at < end:
            a, b, c, d = block((key, low, high), index)
            found = four(a, b, c, d)
            for j in range(4):
                if at < end and abs(found[j]) < float32(2):
                    out[at] = found[j]
                    at = uint32(at + uint32(1))
            index += uint64(1)
        group = uint32(group + thread_count())


@kernel(registers=64)
def truncated_by_two(key, low, high, out):
    """The same for numbers of 64 bits."""
    n, group = uint32(out.size), thread_index()
    while uint32(group * uint32(2)) < n:
        at = uint32(group * uint32(2))
        end = min(uint32(at + uint32(2)), n)
        index = uint64(at) * uint64(GROUP)
        while at < end:
            a, b, c, d = block((key, low, high), index)
            found = two(a, b, c, d)
            for j in range(2):
                if at < end and abs(found[j]) < float64(2):
                    out[at] = found[j]
                    at = uint32(at + uint32(1))
            index += uint64(1)
        group = uint32(group + thread_count())


_KINDS = {
    "uniform": (fill_by_four.specialise(four=four_uniforms), fill_by_two.specialise(two=two_uniforms)),
    "full_int": (fill_by_four.specialise(four=four_integers), fill_by_two.specialise(two=two_integers)),
    "standard_normal": (fill_by_four.specialise(four=four_normals), fill_by_two.specialise(two=two_normals)),
    "truncated_normal": (
        truncated_by_four.specialise(four=four_normals),
        truncated_by_two.specialise(two=two_normals),
    ),
}


def launch(name, key, low, high, out):
    """The launch that fills `out` (n,) with numbers of one of these kinds."""
    wide = out.dtype.itemsize == 8
    return over(-(-out.size // (2 if wide else 4)), _KINDS[name][wide], key, low, high, out)


# -- how these kernels are tried ---------------------------------------------------------------------------------


def _examples():
    state = [number(v, "uint64") for v in (7, 2**64 - 3, 5)]  # the counter's carry, too

    def by_cpu(name):
        from minitf.kernels import random

        def fill(key, low, high, out):
            getattr(random, name)(0, random.blocks_of(out), np.array([key, low, high], np.uint64), out)

        return fill

    for name, kernels in _KINDS.items():
        for special, bits in zip(kernels, (32, 64), strict=True):
            special.equals(by_cpu(name))
            special.example(1, 32, *state, empty(23, dtype=f"{'int' if 'int' in name else 'float'}{bits}"))


_examples()
