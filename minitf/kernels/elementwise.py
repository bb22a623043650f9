"""One scalar function becomes every loop of an elementwise op.

`flat` serves inputs of one shape: a single loop that LLVM turns into vector instructions.
`spread` serves broadcasting: it walks the rows of the output, and in each row an input either
advances by one element or stands still.  (A row is a slice, indexed from 0: an index that might be
negative, as in Python's x[-1], keeps LLVM from making vector instructions.)

Both do the elements from `begin` to `end` of the output: see `threads.py`.
"""

import functools

import numpy as np

from minitf.kernels.compile import inline, kernel, kernel_from_source
from minitf.kernels.machine import Launch

GRAIN = 16384  # elements, between 1 (an addition) and 10 microseconds (a logarithm)

_FLAT = """\
def flat(begin, end, {inputs}, out):
    # {origin}
    {inputs}, out = {slices}, out[begin:end]
    for i in range(out.size):
        out[i] = scalar({elements})
"""

_SPREAD = """\
def spread(begin, end, sizes, strides, {inputs}, out):
    # {origin}
    rank = sizes.size
    width = sizes[rank - 1]
{inner_strides}
    at, row = begin, begin // width
    column = begin - row * width
    while at < end:
        {starts} = 0
        rest = row
        for d in range(rank - 2, -1, -1):
            i = rest % sizes[d]
            rest //= sizes[d]
{advance}
{from_there}
        target = out[at : min(end, at + width - column)]
        count = target.size
        if {all_contiguous}:
            for j in range(count):
                target[j] = scalar({contiguous_elements})
{one_still}
        else:
            for j in range(count):
                target[j] = scalar({strided_elements})
        at, row, column = at + count, row + 1, 0
"""

_ONE_STILL = """\
        elif {condition}:
            {fixed} = {fixed_element}
            for j in range(count):
                target[j] = scalar({elements})
"""


def _spread_source(count, origin):
    k = range(count)
    names = [f"x{i}" for i in k]
    one_still = ""
    for still in k if count == 2 else ():
        moving = 1 - still
        elements = [f"y{moving}[j]", "fixed"][:: 1 if still else -1]
        one_still += _ONE_STILL.format(
            condition=f"s{still} == 0 and s{moving} == 1",
            fixed="fixed",
            fixed_element=f"y{still}[0]",
            elements=", ".join(elements),
        )
    return _SPREAD.format(
        origin=origin,
        inputs=", ".join(names),
        inner_strides="\n".join(f"    s{i} = strides[{i}, rank - 1]" for i in k),
        starts=" = ".join(f"o{i}" for i in k),
        advance="\n".join(f"            o{i} += i * strides[{i}, d]" for i in k),
        all_contiguous=" and ".join(f"s{i} == 1" for i in k),
        from_there="\n".join(f"        y{i} = x{i}[o{i} + column * s{i} :]" for i in k),
        contiguous_elements=", ".join(f"y{i}[j]" for i in k),
        one_still=one_still.rstrip("\n"),
        strided_elements=", ".join(f"y{i}[j * s{i}]" for i in k),
    )


@functools.cache
def loops(scalar, count):
    """(flat kernel, spread kernel) of a scalar function of `count` arguments."""
    origin = f"{scalar.__module__}.{scalar.__qualname__}"
    names = ", ".join(f"x{i}" for i in range(count))
    elements = ", ".join(f"x{i}[i]" for i in range(count))
    slices = ", ".join(f"x{i}[begin:end]" for i in range(count))
    flat = _FLAT.format(inputs=names, slices=slices, origin=origin, elements=elements)
    scope = {"scalar": inline(scalar)}
    return tuple(
        kernel_from_source(source, name, scope, scalar.__module__)
        for source, name in ((flat, "flat"), (_spread_source(count, origin), "spread"))
    )


def launch(scalar, inputs, out):
    """The launch that writes `scalar` of the broadcast `inputs` into `out`."""
    flat, spread = loops(scalar, len(inputs))
    if all(x.shape == out.shape for x in inputs):
        return whole(flat, *(x.reshape(-1) for x in inputs), out.reshape(-1))
    sizes, strides = collapse(out.shape, [x.shape for x in inputs])
    return whole(spread, sizes, strides, *(x.reshape(-1) for x in inputs), out.reshape(-1))


def whole(kernel, *arguments):
    """The launch of a kernel over all elements of its last argument."""
    return Launch(kernel, *arguments, units=arguments[-1].size, grain=GRAIN, pointwise=not kernel.status)


_SUM = """\
def sum_of_{count}(begin, end, {inputs}, out):
    {inputs}, out = {slices}, out[begin:end]
    for i in range(out.size):
        out[i] = {terms}
"""
_AT_ONCE = 4  # arrays that one loop adds: a long sum then passes over its result seldom


@functools.cache
def _sum_kernel(count, onto):
    """Writes the sum of `count` arrays, or adds it `onto` what is there."""
    names = [f"x{i}" for i in range(count)]
    terms = " + ".join([*(["out[i]"] if onto else []), *(f"{n}[i]" for n in names)])
    slices = ", ".join(f"{n}[begin:end]" for n in names)
    source = _SUM.format(count=count, inputs=", ".join(names), slices=slices, terms=terms)
    return kernel_from_source(source, f"sum_of_{count}", {}, __name__)


def sum_launches(inputs, out):
    """The launches that write the sum of arrays of one shape into `out`."""
    launches = []
    for start in range(0, len(inputs), _AT_ONCE):
        part = inputs[start : start + _AT_ONCE]
        made = _sum_kernel(len(part), start > 0)
        launches.append(whole(made, *(x.reshape(-1) for x in part), out.reshape(-1)))
    return launches


@kernel(status=True)
def holds_zero(begin, end, x):
    """Gives up where x holds a 0: before an integer division."""
    for i in range(begin, end):
        if x[i] == 0:
            return 1
    return 0


@kernel(status=True)
def holds_negative(begin, end, x):
    """Gives up where x holds a number below 0: before a power of integers."""
    for i in range(begin, end):
        if x[i] < 0:
            return 1
    return 0


def collapse(shape, input_shapes):
    """Sizes and element strides of a broadcast, with neighbouring axes joined where all inputs allow.

    Returns (sizes int64 (rank,), strides int64 (inputs, rank)); a stride of 0 stands still.
    """
    strides = [_broadcast_strides(s, len(shape)) for s in input_shapes]
    sizes, columns = [], []
    for axis, size in enumerate(shape):
        if size == 1:
            continue
        column = [s[axis] for s in strides]
        if sizes and all(before == now * size for before, now in zip(columns[-1], column, strict=True)):
            sizes[-1] *= size
            columns[-1] = column
        else:
            sizes.append(size)
            columns.append(column)
    if not sizes:
        sizes, columns = [1], [[0] * len(input_shapes)]
    return np.array(sizes, np.int64), np.ascontiguousarray(np.array(columns, np.int64).T)


def _broadcast_strides(shape, rank):
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(0 if size == 1 else step)
        step *= size
    return [0] * (rank - len(shape)) + strides[::-1]
