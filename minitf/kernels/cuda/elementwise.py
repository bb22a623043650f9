"""One scalar function becomes every kernel of an elementwise op.

    flat     inputs of one shape: thread i takes elements i, i + (number of threads), ...
    flat4    the same of float32, four neighbours at a time in 128-bit loads and stores
    spread   broadcasting: from the number of an output element follow its indices, and from these, by the strides
             of each input (0 where it stands still), the places to read

Neighbouring threads read neighbouring elements, so that the 32 loads of a warp are a few wide ones.  An elementwise
kernel waits for memory, not for arithmetic: that is why 128-bit loads pay.

The loops are written once for any number of inputs, as on the CPU (`minitf/kernels/elementwise.py`).
"""

import functools

import numpy as np

from minitf.kernels.cuda import cases
from minitf.kernels.cuda.intrinsics import load4, quotient, remainder, store4
from minitf.kernels.cuda.launching import over
from minitf.kernels.cuda.scalars import translated
from minitf.kernels.cuda.toolkit import (
    give_up,
    kernel,
    kernel_from_source,
    thread_count,
    thread_index,
    uint32,
)
from minitf.kernels.elementwise import collapse

_FLAT = """\
def flat({inputs}, out):
    n = uint32(out.size)
    i = thread_index()
    while i < n:
        out[i] = scalar({elements})
        i = uint32(i + thread_count())
"""

_FLAT4 = """\
def flat4({inputs}, out):
    n = uint32(out.size)
    i = uint32(thread_index() * uint32(4))
    while uint32(i + uint32(3)) < n:
{loads}
        store4(out, i, ({results}))
        i = uint32(i + thread_count() * uint32(4))
    while i < n:  # what is left, at most three elements, falls to one thread
        out[i] = scalar({elements})
        i = uint32(i + uint32(1))
"""

_SPREAD = """\
def spread(sizes, strides, {inputs}, out):
    n = uint32(out.size)
    i = thread_index()
    while i < n:
        rest = i
        {places} = uint32(0)
        d = uint32(sizes.size)
        while d > uint32(0):
            d = uint32(d - uint32(1))
            k = remainder(rest, sizes[d])
            rest = quotient(rest, sizes[d])
{advance}
        out[i] = scalar({placed})
        i = uint32(i + thread_count())
"""


@functools.cache
def _templates(count):
    """The kernels flat, flat4 and spread of `count` inputs; `scalar` is still open."""
    k = range(count)
    parts = {
        "inputs": ", ".join(f"x{i}" for i in k),
        "elements": ", ".join(f"x{i}[i]" for i in k),
        "loads": "\n".join(f"        a{i} = load4(x{i}, i)" for i in k),
        "results": ", ".join(f"scalar({', '.join(f'a{i}[{j}]' for i in k)})" for j in range(4)),
        "places": " = ".join(f"p{i}" for i in k),
        "advance": "\n".join(f"            p{i} = uint32(p{i} + k * strides[{i}, d])" for i in k),
        "placed": ", ".join(f"x{i}[p{i}]" for i in k),
    }
    scope = {
        "uint32": uint32, "thread_index": thread_index, "thread_count": thread_count,
        "load4": load4, "store4": store4, "scalar": None,
        "quotient": quotient, "remainder": remainder,
    }  # fmt: skip
    return tuple(
        kernel_from_source(source.format(**parts), name, scope, __name__, vectorised=name == "flat4")
        for source, name in ((_FLAT, "flat"), (_FLAT4, "flat4"), (_SPREAD, "spread"))
    )


def kernels_of(scalar, count, dtype=np.float32):
    """(flat, flat4, spread) of a scalar function of the CPU's, for inputs of `dtype`."""
    return tuple(k.specialise(scalar=translated(scalar, dtype)) for k in _templates(count))


def launch(scalar, inputs, out):
    """The launch that writes `scalar` of the broadcast `inputs` into `out`."""
    flat, flat4, spread = kernels_of(scalar, len(inputs), inputs[-1].dtype)
    lines = [x.reshape(-1) for x in inputs]
    if any(x.shape != out.shape for x in inputs):
        sizes, strides = collapse(out.shape, [x.shape for x in inputs])
        return over(out.size, spread, sizes.astype(uint32), strides.astype(uint32), *lines, out.reshape(-1))
    if all(x.dtype == np.float32 for x in (*inputs, out)):
        return over(-(-out.size // 4), flat4, *lines, out.reshape(-1))
    return over(out.size, flat, *lines, out.reshape(-1))


@kernel(registers=24)
def holds_zero(x, status):
    """Gives up where x holds a 0: before an integer division."""
    i = thread_index()
    while i < uint32(x.size):
        if x[i] == 0:
            give_up(status)
        i = uint32(i + thread_count())


@kernel(registers=24)
def holds_negative(x, status):
    """Gives up where x holds a number below 0: before a power of integers."""
    i = thread_index()
    while i < uint32(x.size):
        if x[i] < 0:
            give_up(status)
        i = uint32(i + thread_count())


def _plus(x, y):
    return x + y


def sum_launches(inputs, out):
    """The launches that write the sum of arrays of one shape into `out`."""
    if len(inputs) == 1:
        return [launch(scalar_same, inputs, out)]
    steps = [inputs[0], *[out] * (len(inputs) - 2)]
    return [launch(_plus, [before, x], out) for before, x in zip(steps, inputs[1:], strict=True)]


def scalar_same(x):
    """x"""
    return x


# -- how these kernels are tried ---------------------------------------------------------------------------------


def _scaled_relu(x, y):
    z = x * y
    return type(z)(0) if z < 0 else z


def _examples():
    flat, flat4, spread = kernels_of(_scaled_relu, 2)
    for line in (flat, flat4):
        line.example(2, 64, *(cases.normal(203) for _ in range(2)), cases.empty(203))
        line.equals(lambda x, y, out: np.copyto(out, np.maximum(x * y, 0)))
    holds_zero.equals(lambda x, status: np.copyto(status, (x == 0).any()))
    holds_negative.equals(lambda x, status: np.copyto(status, (x < 0).any()))
    for check in (holds_zero, holds_negative):
        for values in ([3, 1, 2], [3, 0, 0], [3, -1, 2]):
            check.example(1, 32, cases.exactly(values, "int32"), cases.zeros(1, dtype="int32"))
    sizes, strides = collapse((3, 5, 4), [(3, 1, 4), (5, 1)])
    spread.example(1, 64, cases.exactly(sizes, "uint32"), cases.exactly(strides, "uint32"), cases.normal(12),
                   cases.normal(5), cases.empty(60))  # fmt: skip

    @spread.equals
    def _(sizes, strides, x, y, out):
        out[:] = np.maximum(x.reshape(3, 1, 4) * y.reshape(5, 1), 0).reshape(-1)


_examples()
