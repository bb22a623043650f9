"""Where the largest and smallest elements are, and running results along an axis."""

import numpy as np

from minitf.kernels.cuda.cases import empty, exactly, normal
from minitf.kernels.cuda.intrinsics import quotient, remainder
from minitf.kernels.cuda.launching import number, over
from minitf.kernels.cuda.scalars import translated
from minitf.kernels.cuda.toolkit import Device, kernel, thread_count, thread_index, uint32

beats = combine = None  # fixed by `specialise`


def _larger(x, y):
    return x > y


def _smaller(x, y):
    return x < y


COMPARISONS = {">": Device(_larger), "<": Device(_smaller)}


@kernel(registers=40)
def first_place(x, start, out):
    """out[i, k] = the first j whose x[i, j, k] beats all others; NaN beats nothing.  A thread for each result."""
    inner = uint32(x.shape[2])
    at = thread_index()
    while at < uint32(out.size):
        i, k = quotient(at, inner), remainder(at, inner)
        best, place, j = start, uint32(0), uint32(0)
        while j < uint32(x.shape[1]):
            v = x[i, j, k]
            if beats(v, best):
                best, place = v, j
            j = uint32(j + uint32(1))
        out[i, k] = place
        at = uint32(at + thread_count())


@kernel(registers=48)
def top_k(x, values, indices):
    """The k largest elements of each row, largest first, and their columns; a thread for each row."""
    k = uint32(values.shape[1])
    i = thread_index()
    while i < uint32(x.shape[0]):
        held, j = uint32(0), uint32(0)
        while j < uint32(x.shape[1]):
            v, place = x[i, j], held
            while place > 0:
                w = values[i, uint32(place - uint32(1))]
                if not (v > w or (v != v and w == w)):
                    break
                place = uint32(place - uint32(1))
            if place < k:
                p = min(held, uint32(k - uint32(1)))
                while p > place:
                    values[i, p] = values[i, uint32(p - uint32(1))]
                    indices[i, p] = indices[i, uint32(p - uint32(1))]
                    p = uint32(p - uint32(1))
                values[i, place] = v
                indices[i, place] = j
                held = min(uint32(held + uint32(1)), k)
            j = uint32(j + uint32(1))
        i = uint32(i + thread_count())


@kernel(registers=40)
def scan(x, start, exclusive, reverse, out):
    """The running results of `combine` along the middle axis; a thread for each line."""
    n, inner = uint32(x.shape[1]), uint32(x.shape[2])
    at = thread_index()
    while at < uint32(x.shape[0] * x.shape[2]):
        i, k = quotient(at, inner), remainder(at, inner)
        total, step = start, uint32(0)
        while step < n:
            j = uint32(n - uint32(1) - step) if reverse else step
            before = total
            total = x[i, j, k] if step == 0 and not exclusive else combine(total, x[i, j, k])
            out[i, j, k] = before if exclusive else total
            step = uint32(step + uint32(1))
        at = uint32(at + thread_count())


def first_launch(comparison, start, x, out):
    """The launch that finds along the middle axis of x the first element that beats all others ('>' or '<')."""
    return over(out.size, first_place.specialise(beats=COMPARISONS[comparison]), x, number(start, x.dtype), out)


def top_k_launch(x, values, indices):
    return over(len(x), top_k, x, values, indices)


def scan_launch(function, start, x, exclusive, reverse, out):
    chosen = scan.specialise(combine=translated(function, x.dtype))
    flags = np.bool_(exclusive), np.bool_(reverse)
    return over(x.shape[0] * x.shape[2], chosen, x, number(start, x.dtype), *flags, out)


# -- how these kernels are tried ---------------------------------------------------------------------------------


def _sum(total, x):
    return total + x


def _examples():
    first = first_place.specialise(beats=COMPARISONS[">"])
    first.equals(lambda x, start, out: np.copyto(out, x.argmax(1), casting="unsafe"))
    first.example(1, 64, normal(2, 7, 5), np.float32(-np.inf), empty(2, 5, dtype="int64"))

    @top_k.equals
    def _(x, values, indices):
        order = np.argsort(-x, axis=1, kind="stable")[:, : values.shape[1]]
        values[...], indices[...] = np.take_along_axis(x, order, 1), order

    rows = exactly([[3, 1, 3, 2, 5], [1, 2, 3, 4, 5]], "float32")
    top_k.example(1, 32, rows, empty(2, 3), empty(2, 3, dtype="int32"))
    running = scan.specialise(combine=translated(_sum))

    @running.equals
    def _(x, start, exclusive, reverse, out):
        turned = x[:, ::-1] if reverse else x
        sums = np.cumsum(turned, 1) - (turned if exclusive else 0)
        out[...] = sums[:, ::-1] if reverse else sums

    for exclusive, reverse in ((False, False), (True, True)):
        flags = np.bool_(exclusive), np.bool_(reverse)
        running.example(1, 32, normal(2, 7, 5), np.float32(0), *flags, empty(2, 7, 5))


_examples()
