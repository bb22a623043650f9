"""Arrays in a device's memory, and the pool that they come from.

Asking the driver for memory costs a wait for all that the GPU is doing.  So a freed buffer goes back to a pool, by
its size, and the next array of that size takes it.  Work on a device is done in the order in which it is given (one
stream), so a buffer may be handed on at once: whatever still reads it stands before what will write it.
"""

import math
import threading

import numpy as np

_SMALLEST = 256  # bytes: buffers begin at multiples of it, so that 128-bit loads are aligned


class Pool:
    """Buffers of a device that nobody uses, by size; `allocate(bytes)` makes new ones."""

    def __init__(self, allocate):
        self._allocate, self._free, self._lock = allocate, {}, threading.Lock()
        self.allocated = 0  # bytes taken from the device so far

    def take(self, size):
        """A buffer of at least `size` bytes: the next power of two, so that sizes repeat."""
        size = max(_SMALLEST, 1 << (max(size, 1) - 1).bit_length())
        with self._lock:
            free = self._free.get(size)
            memory = free.pop() if free else None
        if memory is None:
            memory = _Memory(self._allocate(size))
            self.allocated += size
        return Buffer(self, size, memory)

    def give_back(self, size, memory):
        with self._lock:
            self._free.setdefault(size, []).append(memory)


class _Memory:
    """Bytes on the device, with the views of them that were made: making one costs more than a launch."""

    __slots__ = ("bytes", "views")

    def __init__(self, memory):
        self.bytes, self.views = memory, {}

    def view(self, offset, shape, dtype):
        key = offset, shape, dtype
        found = self.views.get(key)
        if found is None:
            size = math.prod(shape) * dtype.itemsize
            found = self.views[key] = self.bytes[offset : offset + size].view(dtype).reshape(shape)
        return found


class Buffer:
    """Memory that is in use as long as this object lives."""

    __slots__ = ("_pool", "_size", "memory")

    def __init__(self, pool, size, memory):
        self._pool, self._size, self.memory = pool, size, memory

    def __del__(self):
        self._pool.give_back(self._size, self.memory)


class DeviceArray:
    """An array in a device's memory, C-contiguous.

    NumPy functions take it (it is copied to the host); other GPU libraries take it as it is, by
    `__cuda_array_interface__` or DLPack.
    """

    __slots__ = ("buffer", "device", "dtype", "offset", "shape")

    def __init__(self, device, buffer, shape, dtype, offset=0):
        self.device, self.buffer, self.offset = device, buffer, offset
        self.shape, self.dtype = tuple(map(int, shape)), np.dtype(dtype)

    @property
    def ndim(self):
        return len(self.shape)

    @property
    def size(self):
        return math.prod(self.shape)

    @property
    def nbytes(self):
        return self.size * self.dtype.itemsize

    def __len__(self):
        return self.shape[0]

    def view(self, offset=0, shape=None, dtype=None):
        """What kernels take: the device's own array over this memory, `offset` bytes further on."""
        shape = self.shape if shape is None else shape
        return self.buffer.memory.view(self.offset + offset, shape, self.dtype if dtype is None else dtype)

    def reshape(self, *shape):
        """The same memory in another shape."""
        shape = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        shape = np.empty(self.shape, "V0").reshape(shape).shape  # NumPy finds what -1 stands for
        return DeviceArray(self.device, self.buffer, shape, self.dtype, self.offset)

    def copy(self):
        """A copy on the device."""
        return self.device.copy(self)

    def numpy(self):
        """A copy on the host."""
        return self.device.download(self)

    def __array__(self, dtype=None, copy=None):
        return self.numpy().astype(dtype or self.dtype, copy=False)

    @property
    def __cuda_array_interface__(self):
        return self.view().__cuda_array_interface__

    def __dlpack_device__(self):
        return self.device.dlpack_device

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        return self.device.dlpack(self, stream)

    def __repr__(self):
        return f"<DeviceArray {self.dtype.name}{list(self.shape)} on {self.device.name}>"


ARRAYS = np.ndarray, DeviceArray  # the values of tensors, on the host and on a device


def on_host(value):
    """`value`, copied to the host if it is an array on a device."""
    return value.numpy() if isinstance(value, DeviceArray) else value
