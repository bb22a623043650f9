"""Rows by index: reading them (gather), writing them (scatter), and rows with the same number (segments).

Reading: one thread for each element of the result.  An index out of range writes 1 into `status` and nothing else.

Writing is harder: two updates may go to one row.  Atomic additions would be right but for their order, which changes
from run to run, and with it the last bits of a sum.  Here the thread of the *first* update of a row does all of the
row's updates, one after the other, as the CPU does; the threads of later ones leave:

    for each update i, each column j, a thread:
        leave, if an earlier update has the same row
        value = out[row, j]
        for each update k from i on with the same row: value = combine(value, updates[k, j])
        out[row, j] = value

so the answer is the CPU's, bit for bit, for any `combine`; each thread reads up to n indices, from the cache.
Above MANY updates a float or integer sum is done by atomic additions after all (`scatter_add`).
"""

import numpy as np

from minitf.kernels.cuda.cases import empty, exactly, integers, normal, zeros
from minitf.kernels.cuda.intrinsics import quotient, remainder
from minitf.kernels.cuda.launching import count, over
from minitf.kernels.cuda.scalars import translated
from minitf.kernels.cuda.toolkit import cuda, give_up, kernel, thread_count, thread_index, uint32

MANY = 4096
combine = None  # fixed by `specialise`


@kernel(registers=48)
def take_rows(x, indices, out, status):
    """out[b, o, i, j] = x[b, o, indices[b, i], j]; shapes as for the CPU's kernel."""
    rows, n = uint32(x.shape[2]), uint32(indices.shape[1])
    outer, width = uint32(x.shape[1]), uint32(x.shape[3])
    at = thread_index()
    while at < uint32(out.size):
        j, rest = remainder(at, width), quotient(at, width)
        i, rest = remainder(rest, n), quotient(rest, n)
        o, b = remainder(rest, outer), quotient(rest, outer)
        row = indices[b, i]
        if row < 0 or row >= rows:
            give_up(status)
        else:
            out[b, o, i, j] = x[b, o, row, j]
        at = uint32(at + thread_count())


@kernel(registers=48)
def take_places(x, sizes, indices, out, status):
    """out[b, i, j] = x[b, row, j] where row is the place of the multi-index indices[b, i] in `sizes`."""
    n, width = uint32(indices.shape[1]), uint32(x.shape[2])
    at = thread_index()
    while at < uint32(out.size):
        j, rest = remainder(at, width), quotient(at, width)
        i, b = remainder(rest, n), quotient(rest, n)
        row, inside = uint32(0), True
        for d in range(sizes.size):
            k = indices[b, i, d]
            inside = inside and k >= 0 and k < sizes[d]
            row = uint32(row * sizes[d] + uint32(k))
        if inside:
            out[b, i, j] = x[b, row, j]
        else:
            give_up(status)
        at = uint32(at + thread_count())


@kernel(registers=40)
def find_places(sizes, indices, places, status):
    """places[i] = the row of the multi-index indices[i] in `sizes`, or -1 (and status 1) for one outside."""
    i = thread_index()
    while i < uint32(places.size):
        row, inside = uint32(0), True
        for d in range(sizes.size):
            k = indices[i, d]
            inside = inside and k >= 0 and k < sizes[d]
            row = uint32(row * sizes[d] + uint32(k))
        places[i] = np.int32(row) if inside else np.int32(-1)
        if not inside:
            give_up(status)
        i = uint32(i + thread_count())


@kernel(registers=40)
def scatter(places, updates, out):
    """out[places[i], j] = combine(out[places[i], j], updates[i, j]), in the order of i; places below 0 are left out."""
    n, width = uint32(places.size), uint32(out.shape[1])
    at = thread_index()
    while at < uint32(updates.size):
        i, j = quotient(at, width), remainder(at, width)
        place = places[i]
        before = uint32(0)
        while before < i and places[before] != place:
            before = uint32(before + uint32(1))
        if before == i and place >= 0:
            value = out[place, j]
            k = i
            while k < n:
                if places[k] == place:
                    value = combine(value, updates[k, j])
                k = uint32(k + uint32(1))
            out[place, j] = value
        at = uint32(at + thread_count())


@kernel(registers=32)
def scatter_add(places, updates, out):
    """out[places[i], j] += updates[i, j] by atomic additions, in any order."""
    width = uint32(out.shape[1])
    at = thread_index()
    while at < uint32(updates.size):
        i, j = quotient(at, width), remainder(at, width)
        place = places[i]
        if place >= 0:
            cuda.atomic.add(out, (np.int64(place), np.int64(j)), updates[i, j])
        at = uint32(at + thread_count())


@kernel(registers=24)
def check_segments(ids, groups, places, status):
    """places = ids as int32; status 1 for a number that is no group; negative numbers stay negative."""
    i = thread_index()
    while i < uint32(ids.size):
        place = ids[i]
        if place >= groups:
            give_up(status)
            place = ids.dtype.type(-1)
        places[i] = np.int32(place)
        i = uint32(i + thread_count())


@kernel(registers=40)
def one_hot(indices, on, off, out):
    """out[p, k, s] = on[0] if indices[p, s] == k else off[0]"""
    depth, suffix = uint32(out.shape[1]), uint32(out.shape[2])
    at = thread_index()
    while at < uint32(out.size):
        s, rest = remainder(at, suffix), quotient(at, suffix)
        k, p = remainder(rest, depth), quotient(rest, depth)
        out[p, k, s] = on[0] if indices[p, s] == k else off[0]
        at = uint32(at + thread_count())


def scatter_places_launch(function, places, updates, out):
    """The launch that combines rows `updates` (n, width) into the rows `places` (n,) int32 of out (rows, width)."""
    adds = getattr(function, "__code__", None) is not None and function.__code__.co_code == _sum.__code__.co_code
    if adds and places.size > MANY and out.dtype.name in ("float32", "float64", "int32", "int64"):
        return over(updates.size, scatter_add, places, updates, out)
    return over(updates.size, scatter.specialise(combine=translated(function, out.dtype)), places, updates, out)


def scatter_launches(function, sizes, indices, updates, out, status):
    """Launches for out[indices[i]] = function(out[indices[i]], updates[i]); shapes as the CPU's kernel has them."""
    places = np.empty(len(indices), np.int32)
    find = over(places.size, find_places, np.asarray(sizes, uint32), indices, places, status)
    return [find, scatter_places_launch(function, places, updates, out)]


def segment_launches(function, x, ids, out, status):
    """Launches that combine the rows of `x` with the same number in `ids` into `out`, which holds the start."""
    places = np.empty(ids.size, np.int32)
    check = over(ids.size, check_segments, ids, count(len(out)), places, status)
    return [check, scatter_places_launch(function, places, x, out)]


def _sum(total, x):
    return total + x


# -- how these kernels are tried ---------------------------------------------------------------------------------


@take_rows.equals
def _(x, indices, out, status):
    for b, i in np.ndindex(*indices.shape):
        if 0 <= indices[b, i] < x.shape[2]:
            out[b, :, i] = x[b, :, indices[b, i]]
        else:
            status[0] = 1


@take_places.equals
def _(x, sizes, indices, out, status):
    for b, i in np.ndindex(*indices.shape[:2]):
        if np.all((indices[b, i] >= 0) & (indices[b, i] < sizes)):
            out[b, i] = x[b, np.ravel_multi_index(indices[b, i], sizes)]
        else:
            status[0] = 1


@find_places.equals
def _(sizes, indices, places, status):
    for i, index in enumerate(indices):
        inside = np.all((index >= 0) & (index < sizes))
        places[i] = np.ravel_multi_index(index, sizes) if inside else -1
        status[0] |= not inside


def _one_after_the_other(places, updates, out):
    for place, row in zip(places, updates, strict=True):
        if place >= 0:
            out[place] += row


scatter.reference = _one_after_the_other
scatter_add.equals(_one_after_the_other)


@check_segments.equals
def _(ids, groups, places, status):
    places[:] = np.where(ids < groups, ids, -1)
    status[0] = (ids >= groups).any()


@one_hot.equals
def _(indices, on, off, out):
    hit = indices[:, None, :] == np.arange(out.shape[1])[:, None]
    out[...] = np.where(hit, on[0], off[0])


_flag = zeros(1, dtype="int32")
take_rows.example(1, 64, integers(0, 99, 2, 3, 5, 4, dtype="uint32"), integers(0, 5, 2, 7),
                  empty(2, 3, 7, 4, dtype="uint32"), _flag)  # fmt: skip
take_rows.example(1, 64, integers(0, 99, 1, 1, 3, 2, dtype="uint32"), exactly([[2, 3, -1]], "int64"),
                  zeros(1, 1, 3, 2, dtype="uint32"), _flag)  # fmt: skip
take_places.example(1, 64, integers(0, 99, 2, 15, 3, dtype="uint32"), exactly([3, 5], "uint32"),
                    exactly([[[0, 4], [2, 0]], [[1, 1], [3, 0]]], "int32"), zeros(2, 2, 3, dtype="uint32"),
                    _flag)  # fmt: skip
find_places.example(1, 32, exactly([3, 5], "uint32"), exactly([[0, 4], [2, 0], [0, 5]], "int32"),
                    empty(3, dtype="int32"), _flag)  # fmt: skip
for _scatter in (scatter.specialise(combine=translated(_sum)), scatter_add):
    _scatter.example(2, 32, exactly([1, 4, 1, -1, 4, 1, 0], "int32"), normal(7, 9), normal(5, 9))
check_segments.example(1, 32, exactly([0, 3, -1, 5, 2], "int64"), count(4), empty(5, dtype="int32"), _flag)
one_hot.example(1, 64, integers(-1, 6, 3, 4), exactly([7], "uint32"), exactly([1], "uint32"),
                empty(3, 5, 4, dtype="uint32"))  # fmt: skip
