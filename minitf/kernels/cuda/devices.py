"""Devices that run launches: a GPU by numba-cuda, or this computer's CPU pretending to be one.

A device has memory (`empty`, `upload`, `download`, `copy`) and runs kernels (`launch`).  `find` tells which device
there is:

    TF_CUDA=simulate   the simulator runs the kernels' Python source: needs no GPU and no numba-cuda; slow
    TF_CUDA=lowered    the kernels' lowered code runs on the CPU: needs numba-cuda; much faster
    TF_CUDA=off        no GPU is used
    (not set)          the GPU, where there is one
"""

import ctypes
import functools
import importlib.util
import os
import sys
import threading

import numpy as np

from minitf.kernels.cuda import cublas, dlpack, toolkit
from minitf.kernels.cuda.arrays import DeviceArray, Pool

NAME = "/device:GPU:0"


class _Device:
    """What all devices share: memory from a pool, one launch after the other."""

    name = NAME

    def __init__(self):
        self.pool, self.lock = Pool(self._allocate), threading.RLock()
        self.status = self.upload(np.zeros(1, np.int32))  # set by a kernel that meets data it can't take

    def empty(self, shape, dtype):
        dtype = np.dtype(dtype)
        buffer = self.pool.take(int(np.prod(shape, dtype=np.int64)) * dtype.itemsize)
        return DeviceArray(self, buffer, shape, dtype)

    def upload(self, array):
        """A DeviceArray with the content of a NumPy array."""
        array = np.ascontiguousarray(array).reshape(np.shape(array))
        found = self.empty(array.shape, array.dtype)
        if array.size:
            self.write(found, array)
        return found

    def gave_up(self):
        """Whether a kernel has set the status since the last call."""
        found = bool(self.download(self.status)[0])
        if found:
            self.write(self.status, np.zeros(1, np.int32))
        return found


class Pretended(_Device):
    """The CPU as a device: its memory is apart from everybody else's, and `run(kernel, grid, block, *args)` runs."""

    dlpack_device = (1, 0)  # the CPU's number, for this memory is the CPU's
    memory = 0

    def __init__(self, run, description):
        self._run, self.description = run, description
        super().__init__()

    def _allocate(self, size):
        memory = np.empty(size + 256, np.uint8)
        start = -memory.ctypes.data % 256
        return memory[start : start + size]

    def write(self, target, array):
        target.view()[...] = array

    def download(self, array):
        return array.view().copy()

    def copy(self, array):
        return self.upload(array.view())

    def launch(self, launch, arguments):
        self._run(launch.kernel, launch.grid, launch.block, *arguments)

    def dlpack(self, array, stream):
        return array.view().__dlpack__()

    def adopt(self, value):
        """A copy of an array of another library that lies on a GPU: there is none here."""
        raise TypeError(f"{type(value).__name__} lies on a GPU, and there is only a simulated one here")


class Gpu(_Device):
    """The GPU, by numba-cuda.  One stream orders all that is done."""

    dlpack_device = (2, 0)

    def __init__(self):
        self._cuda = toolkit.numba_cuda()
        self._stream = self._cuda.stream()
        found = cublas.library()
        self._products = cublas.Products(found, int(self._stream)) if found is not None else None
        device = self._cuda.get_current_device()
        name = getattr(device, "name", "numba's own simulator")
        name = name.decode() if isinstance(name, bytes) else name
        self.compute_capability = tuple(device.compute_capability)
        self.memory = self._cuda.current_context().get_memory_info()[1]
        major, minor = self.compute_capability
        self.description = f"device: 0, name: {name}, compute capability: {major}.{minor}"
        super().__init__()

    def _allocate(self, size):
        return self._cuda.device_array(size, np.uint8)

    def write(self, target, array):
        _flat(target).copy_to_device(array.reshape(-1), stream=self._stream)

    def download(self, array):
        found = np.empty(array.shape, array.dtype)
        if found.size:
            _flat(array).copy_to_host(found.reshape(-1), stream=self._stream)
            self._stream.synchronize()
        return found

    def copy(self, array):
        found = self.empty(array.shape, array.dtype)
        if array.size:
            _flat(found).copy_to_device(_flat(array), stream=self._stream)
        return found

    def launch(self, launch, arguments):
        if launch.product is not None and self._products is not None and self._by_library(launch, arguments[-3:]):
            return
        launch.kernel.compiled[launch.grid, launch.block, self._stream](*arguments)

    def _by_library(self, launch, matrices):
        """True where cuBLAS has computed the product."""
        a, b, out = ((m.__cuda_array_interface__["data"][0], m.shape[-2:]) for m in matrices)
        inner = a[1][0] if launch.product[0] else a[1][1]
        served = self._products.serves(*out[1], inner)
        if served:
            self._products.sgemm(*launch.product, a, b, out)
        return served

    def synchronize(self):
        self._stream.synchronize()

    def dlpack(self, array, stream):
        self._stream.synchronize()
        address = array.view().__cuda_array_interface__["data"][0]
        return dlpack.capsule(address, array.shape, array.dtype, self.dlpack_device, array)

    def adopt(self, value):
        """A copy on the device of an array of another library that lies on the GPU."""
        source = self._cuda.as_cuda_array(value)
        found = self.empty(source.shape, source.dtype)
        if found.size:
            _flat(found).copy_to_device(source.reshape(-1), stream=self._stream)
        return found


def _flat(array):
    """The elements of a DeviceArray in a row: numba-cuda's arrays have at least one dimension."""
    return array.view(shape=(array.size,))


def is_on_gpu(value):
    """Whether `value` is an array of another library (PyTorch, CuPy) that lies on a GPU."""
    return getattr(value, "__cuda_array_interface__", None) is not None and not isinstance(value, DeviceArray)


def adopted(value):
    """A copy on our device of an array of another library that lies on a GPU.  Raises TypeError without one."""
    device = find()
    if device is None:
        raise TypeError(f"{type(value).__name__} lies on a GPU, and no GPU is used here: {missing()}")
    return device.adopt(value)


def find(wish=None):
    """The device to use, or None.  `wish` ("simulate", "lowered", "off") goes before $TF_CUDA.

    Raises ValueError for another wish; ImportError where what a wish needs is not installed.
    """
    wish = wish or os.environ.get("TF_CUDA", "")
    if wish not in ("", "simulate", "lowered", "off"):
        raise ValueError(f"TF_CUDA must be 'simulate', 'lowered' or 'off', not {wish!r}")
    if wish == "off":
        return None
    if wish:
        return _pretended(wish)
    return _gpu() if missing() is None else None


@functools.cache
def missing():
    """What is missing for using a GPU, in words; None where nothing is."""
    if _driver() is None:
        return "no NVIDIA driver was found on this machine (TF_CUDA=simulate runs the kernels without a GPU, slowly)"
    if importlib.util.find_spec("numba_cuda") is None:
        return f"the package numba-cuda is not installed: {toolkit.INSTALL}"
    try:
        found = toolkit.numba_cuda().is_available()
    except ImportError as error:
        return str(error)
    return None if found else "the NVIDIA driver finds no GPU that numba-cuda can use"


def _driver():
    """The driver's library, or None: a look that costs nothing where there is none."""
    names = {"win32": "nvcuda.dll", "darwin": None}
    name = names.get(sys.platform, "libcuda.so.1")
    try:
        return name and ctypes.CDLL(name)
    except OSError:
        return None


@functools.cache
def _gpu():
    return Gpu()


@functools.cache
def _pretended(wish):
    if wish == "simulate":
        from minitf.kernels.cuda.simulator import simulate

        return Pretended(functools.partial(simulate, checks=False), "simulated: the kernels' source on the CPU")
    toolkit.numba_cuda()
    from minitf.kernels.cuda.lowered import run_lowered

    return Pretended(run_lowered, "simulated: the kernels' lowered code on the CPU")
