"""What the names in a kernel mean while it is simulated: `cuda`, `math`, `float32`, and other functions."""

import inspect
import math
import sys
import types

import numba
import numpy as np
from numba.np.numpy_support import as_dtype

from minitf.kernels.cuda import intrinsics, toolkit
from minitf.kernels.cuda.simulator.arrays import Array, WatchedArray, wrapping
from minitf.kernels.cuda.simulator.recorder import assigned_name, position
from minitf.kernels.cuda.simulator.threads import EVERYONE, WARP, Wait


class Index:
    """A triple like `cuda.threadIdx`."""

    __slots__ = ("x", "y", "z")

    def __init__(self, place):
        self.x, self.y, self.z = place


class Cuda:
    """The namespace `cuda`: where this thread is, waiting for others, memory of its own.

    `block` is the scheduler of the running block, and `threadIdx`, `blockIdx` and `laneid` follow it.
    """

    warpsize = WARP

    def __init__(self, grid, block_shape, recorder):
        self.gridDim, self.blockDim = Index(grid), Index(block_shape)
        self.recorder, self.block = recorder, None
        self.threadIdx = self.blockIdx = self.laneid = None
        self.shared, self.local, self.atomic = Shared(self), Local(self), Atomic()

    def begin(self, block, place):
        self.block, self.blockIdx, self.shared.arrays = block, Index(place), {}

    def enter(self, thread):
        self.threadIdx, self.laneid = Index(thread.place), thread.lane

    def grid(self, axes):
        t, b, d = self.threadIdx, self.blockIdx, self.blockDim
        place = b.x * d.x + t.x, b.y * d.y + t.y, b.z * d.z + t.z
        return place[0] if axes == 1 else place[:axes]

    def gridsize(self, axes):
        d, g = self.blockDim, self.gridDim
        sizes = d.x * g.x, d.y * g.y, d.z * g.z
        return sizes[0] if axes == 1 else sizes[:axes]

    def _wait(self, *exchange):
        frame = sys._getframe(2)
        return self.block.wait(Wait(position(frame.f_code, frame.f_lasti), *exchange))

    def syncthreads(self):
        self._wait()

    def syncwarp(self, mask=EVERYONE):
        self._wait("sync", mask)

    def shfl_sync(self, mask, value, source):
        return self._wait("index", mask, value, source)

    def shfl_up_sync(self, mask, value, delta):
        return self._wait("up", mask, value, delta)

    def shfl_down_sync(self, mask, value, delta):
        return self._wait("down", mask, value, delta)

    def shfl_xor_sync(self, mask, value, other):
        return self._wait("xor", mask, value, other)

    def ballot_sync(self, mask, predicate):
        return self._wait("ballot", mask, predicate)

    def all_sync(self, mask, predicate):
        return self._wait("all", mask, predicate)

    def any_sync(self, mask, predicate):
        return self._wait("any", mask, predicate)

    def threadfence(self):
        """One processor has no caches to disagree."""

    threadfence_block = threadfence_system = threadfence

    def fma(self, x, y, z):
        return type(x)(float(x) * float(y) + float(z))

    def popc(self, x):
        return int(x).bit_count()

    def __getattr__(self, name):
        raise NotImplementedError(f"the simulator has no cuda.{name}")


class Shared:
    """`cuda.shared`: an array for each place in the source that makes one, the same for all threads of a block."""

    def __init__(self, cuda):
        self.cuda, self.arrays = cuda, {}

    def array(self, shape, dtype, alignment=None):
        frame = sys._getframe(1)
        key = position(frame.f_code, frame.f_lasti)
        if key not in self.arrays:
            self.arrays[key] = _memory(self.cuda.recorder, frame, shape, dtype, "shared")
        return self.arrays[key]


class Local:
    """`cuda.local`: an array for each thread."""

    def __init__(self, cuda):
        self.cuda = cuda

    def array(self, shape, dtype, alignment=None):
        return _memory(self.cuda.recorder, sys._getframe(1), shape, dtype, "local")


def _memory(recorder, frame, shape, dtype, space):
    values = np.empty(shape, as_dtype(dtype) if isinstance(dtype, numba.types.Type) else dtype)
    values.reshape(-1).view(np.uint8)[:] = 0xFF  # NaN in every float: who reads it before writing will notice
    if recorder is None:
        return Array(values, space, space)
    name = assigned_name(frame.f_code, frame.f_lasti)
    return WatchedArray(values, name, space, recorder, recorder.site(frame))


class Atomic:
    """`cuda.atomic`: read, change and write in one step."""

    def add(self, array, index, value):
        return array.update(index, lambda old: old + value)

    def sub(self, array, index, value):
        return array.update(index, lambda old: old - value)

    def max(self, array, index, value):
        return array.update(index, lambda old: max(old, value))

    def min(self, array, index, value):
        return array.update(index, lambda old: min(old, value))

    def exch(self, array, index, value):
        return array.update(index, lambda old: value)

    def cas(self, array, index, expected, value):
        return array.update(index, lambda old: value if old == expected else old)

    def and_(self, array, index, value):
        return array.update(index, lambda old: old & value)

    def or_(self, array, index, value):
        return array.update(index, lambda old: old | value)


class TypedMath:
    """`math` for float32: the answer has the type of the argument, and no value raises an error."""

    WHOLE = {"ceil", "floor", "trunc"}  # these give whole numbers in Python, and floats in NumPy

    def __getattr__(self, name):
        plain = getattr(math, name)
        if not callable(plain):
            return plain
        function = plain if name in self.WHOLE else getattr(np, name, plain)

        def typed(*arguments):
            value = function(*arguments)
            first = arguments[0]
            return type(first)(value) if isinstance(value, float) and isinstance(first, np.floating) else value

        setattr(self, name, typed)
        return typed


def _load4(array, index):
    return array.load4(index)


def _store4(array, index, values):
    array.store4(index, values)


REPLACED = {
    math: TypedMath(),
    intrinsics.load4: _load4,
    intrinsics.store4: _store4,
    **{kind: wrapping(kind) for kind in (np.int8, np.int16, np.int32, np.int64)},
    **{kind: wrapping(kind) for kind in (np.uint8, np.uint16, np.uint32, np.uint64)},
}


def meaning(cuda):
    """The function of `toolkit.rebuild`: the meaning of a global name's value, where `cuda` is the namespace."""

    def meant(value, rebuilt):
        if value is toolkit.cuda or _is_numba_cuda(value):
            return cuda
        if isinstance(value, numba.types.Number):
            kind = as_dtype(value)
            return wrapping(kind) if kind.kind in "iu" else kind.type
        if isinstance(value, types.FunctionType) or hasattr(value, "py_func"):
            value = REPLACED.get(value, value)
            return value if value in (_load4, _store4) else rebuilt(getattr(value, "py_func", value))
        if inspect.ismodule(value) or isinstance(value, type):
            return REPLACED.get(value, NotImplemented)
        return NotImplemented

    return meant


def _is_numba_cuda(value):
    return inspect.ismodule(value) and value.__name__ == "numba.cuda"
