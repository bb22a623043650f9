"""Lists of arrays of one shape that the machine reads and writes: the rows of one block.

A kernel finds the list through its *table*, three words: address of the block, address of a word for each row
that says whether it is there, number of rows.  So the same instructions serve another list in the next run.
Kernels stop with status 1 at a row that is out of range, or is not there where it is needed.
"""

import numpy as np

from minitf.kernels.atomics import copy_bytes, load, store
from minitf.kernels.compile import pointer
from minitf.kernels.functions import carray, inline, kernel
from minitf.kernels.machine import Launch


@inline
def _outside(table, i):
    return i < 0 or i >= table[2]


@kernel(status=True)
def _read(table, index, out):
    """out = row `index`, which must be there; `out` is bytes"""
    i = np.int64(index[0])
    if _outside(table, i) or load(table[1] + 8 * i) == 0:
        return 1
    copy_bytes(out.ctypes.data, table[0] + i * out.size, out.size)
    return 0


@kernel(status=True)
def _read_or_zeros(table, index, out):
    """out = row `index`, zeros where it is not there or behind the end"""
    i = np.int64(index[0])
    if i < 0:
        return 1
    if i >= table[2] or load(table[1] + 8 * i) == 0:
        out[:] = 0
    else:
        copy_bytes(out.ctypes.data, table[0] + i * out.size, out.size)
    return 0


@kernel(status=True)
def _write(table, index, once, value):
    """row `index` = value; with `once`, it must not be there yet"""
    i = np.int64(index[0])
    if _outside(table, i) or (once and load(table[1] + 8 * i) != 0):
        return 1
    copy_bytes(table[0] + i * value.size, value.ctypes.data, value.size)
    store(table[1] + 8 * i, 1)
    return 0


@kernel(status=True)
def _add(table, index, value):
    """row `index` += value, or = value where it is not there"""
    i = np.int64(index[0])
    if _outside(table, i):
        return 1
    row = carray(pointer(table[0] + i * value.size * value.itemsize), (value.size,), value.dtype)
    if load(table[1] + 8 * i) == 0:
        for j in range(value.size):
            row[j] = value[j]
        store(table[1] + 8 * i, 1)
    else:
        for j in range(value.size):
            row[j] = row[j] + value[j]
    return 0


@kernel
def _drop(table, index):
    """row `index` is there no more"""
    i = np.int64(index[0])
    if not _outside(table, i):
        store(table[1] + 8 * i, 0)


@kernel
def _count(table, out):
    """out = the number of rows"""
    out[0] = table[2]


def _bytes(array):
    return array.reshape(-1).view(np.uint8)


def read_launch(table, index, out):
    return Launch(_read, table, index.reshape(1), _bytes(out))


def read_or_zeros_launch(table, index, out):
    return Launch(_read_or_zeros, table, index.reshape(1), _bytes(out))


def write_launch(table, index, value, once):
    return Launch(_write, table, index.reshape(1), int(once), _bytes(value))


def add_launch(table, index, value):
    return Launch(_add, table, index.reshape(1), value.reshape(-1))


def drop_launch(table, index):
    return Launch(_drop, table, index.reshape(1))


def count_launch(table, out):
    return Launch(_count, table, out.reshape(1))
