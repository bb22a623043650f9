"""One scalar function becomes every loop of an elementwise op.

`flat` serves inputs of one shape: a single loop that LLVM turns into vector instructions.
`spread` serves broadcasting: it walks the rows of the output, and in each row an input stands
still or advances; there is one loop for each combination.  (A row is a slice, indexed from 0: an index that might be
negative, as in Python's x[-1], keeps LLVM from making vector instructions.)

Both do the elements from `begin` to `end` of the output: see `threads.py`.
"""

import functools

import numpy as np

from minitf.kernels.compile import kernel_from_source
from minitf.kernels.functions import inline, kernel
from minitf.kernels.machine import Launch
from minitf.kernels.windows import place

GRAIN = 16384  # elements, between 1 (an addition) and 10 microseconds (a logarithm)

_FLAT = """\
def flat(begin, end, {inputs}, out):
    # {origin}
    for i in range(begin, end):
        at = place(i)
        out[at] = scalar({elements})
"""

_SPREAD = """\
def spread(begin, end, sizes, strides, {inputs}, out):
    # {origin}
    rank = sizes.size
    width = sizes[rank - 1]
    at, row = begin, begin // width
    column = begin - row * width
    while at < end:
        {starts} = {first_starts}
        if rank == 2:  # as most are, and a division takes long
            {advance_2}
        else:
            rest = row
            for d in range(rank - 2, -1, -1):
                i = rest % sizes[d]
                rest //= sizes[d]
                {advance}
        count = min(width - column, end - at)
        {from_there}
        target = out[at : at + count]
        for j in range(count):
            target[j] = scalar({elements})
        at, row, column = at + count, row + 1, 0
"""

# How an input goes through a row: it stands still, moves by one element, or by its stride.
_STILL, _MOVES, _STRIDES = range(3)
_START = {_STILL: "0", _MOVES: "column", _STRIDES: "column * strides[{k}, rank - 1]"}
_FROM_THERE = {
    _STILL: "y{k} = x{k}[o{k}]",
    _MOVES: "y{k} = x{k}[o{k} : o{k} + count]",
    _STRIDES: "y{k}, s{k} = x{k}[o{k}:], strides[{k}, rank - 1]",
}
_ELEMENT = {_STILL: "y{k}", _MOVES: "y{k}[j]", _STRIDES: "y{k}[j * s{k}]"}


def _spread_source(ways, origin):
    def each(joint, texts):
        return joint.join(text.format(k=k) for k, text in enumerate(texts))

    count = len(ways)
    return _SPREAD.format(
        origin=origin,
        inputs=each(", ", ["x{k}"] * count),
        starts=each(", ", ["o{k}"] * count),
        first_starts=each(", ", [_START[w] for w in ways]),
        advance_2=each("; ", ["o{k} += row * strides[{k}, 0]"] * count),
        advance=each("; ", ["o{k} += i * strides[{k}, d]"] * count),
        from_there=each("; ", [_FROM_THERE[w] for w in ways]),
        elements=each(", ", [_ELEMENT[w] for w in ways]),
    )


@functools.cache
def _flat(scalar, count):
    origin = f"{scalar.__module__}.{scalar.__qualname__}"
    names, elements = (", ".join(text.format(i) for i in range(count)) for text in ("x{0}", "x{0}[at]"))
    source = _FLAT.format(inputs=names, origin=origin, elements=elements)
    return kernel_from_source(source, "flat", {"scalar": inline(scalar), "place": place}, scalar.__module__)


@functools.cache
def _spread(scalar, ways):
    source = _spread_source(ways, f"{scalar.__module__}.{scalar.__qualname__}")
    return kernel_from_source(source, "spread", {"scalar": inline(scalar)}, scalar.__module__)


def launch(scalar, inputs, out):
    """The launch that writes `scalar` of the broadcast `inputs` into `out`."""
    flat = [x.reshape(-1) for x in (*inputs, out)]
    if all(x.shape == out.shape for x in inputs):
        return whole(_flat(scalar, len(inputs)), *flat)
    sizes, strides = collapse(out.shape, [x.shape for x in inputs])
    ways = tuple(min(int(step), _STRIDES) for step in strides[:, -1])
    return whole(_spread(scalar, ways), sizes, strides, *flat)


def whole(kernel, *arguments):
    """The launch of a kernel over all elements of its last argument."""
    count = arguments[-1].size
    return Launch(kernel, *arguments, units=count, grain=GRAIN, pieces=0 if kernel.status else count)


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
