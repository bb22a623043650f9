"""The simulator of blocks: a kernel's Python source, run thread by thread on the CPU, and watched.

It finds what a GPU does not tell: races, barriers that not all threads reach, indices out of bounds, shared memory
read before it is written, shuffles with lanes that take no part; and it counts what is slow: memory accesses that do
not coalesce, bank conflicts, lanes that stand idle.

Reading order:

* `threads.py`    the threads of a block, taking turns
* `arrays.py`     arrays with strict indices
* `meaning.py`    what `cuda.` and other names mean in a simulated kernel
* `recorder.py`   what is noted while a block runs
* `analysis.py`   from notes to races and costs
* `report.py`     findings and tables
"""

import inspect
import itertools
import linecache
import os
import traceback

import numpy as np

from minitf.kernels.cuda import toolkit
from minitf.kernels.cuda.simulator.arrays import Array, WatchedArray
from minitf.kernels.cuda.simulator.meaning import Cuda, meaning
from minitf.kernels.cuda.simulator.recorder import Recorder
from minitf.kernels.cuda.simulator.report import Access, Finding, KernelError, Report
from minitf.kernels.cuda.simulator.threads import Block, Fault, triple

__all__ = ["Access", "Finding", "KernelError", "Report", "simulate"]

HERE = os.path.dirname(__file__)


def simulate(kernel, grid, block, *args, checks=True, seed=0):
    """Run a CUDA kernel's Python source on the CPU, one thread at a time, and tell what it does wrong.

    kernel   a `@kernel` of minitf, a function decorated with `numba.cuda.jit`, or a plain function that uses `cuda`
    grid     how many blocks: a whole number or a tuple (x, y, z)
    block    how many threads a block has: the same
    args     the kernel's arguments: NumPy arrays, which the kernel changes in place, and numbers
    checks   False runs faster and makes no report: only bounds, barriers and shuffles are checked
    seed     of the order in which threads and blocks take turns

    Returns a Report, or None with `checks=False`, where a fault raises KernelError.  Raises ImportError where the
    package greenlet is missing.  It is slow, about a million accesses to memory a second: use small arrays.
    """
    function = getattr(kernel, "py_func", kernel)
    grid, block = triple(grid), triple(block)
    recorder = Recorder() if checks else None
    cuda = Cuda(grid, block, recorder)
    entry = toolkit.rebuild(function, meaning(cuda))
    names = [*inspect.signature(function).parameters]
    values = [_argument(value, name, recorder) for name, value in zip(names, args, strict=True)]
    fault = None
    try:
        _run(cuda, grid, block, lambda: entry(*values), recorder, seed)
    except Fault as found:
        fault = _explained(found, cuda)
        if not checks:
            raise KernelError(f"{function.__name__}: {fault}") from found
    return Report(function.__name__, grid, block, recorder, _regions(recorder.arrays), fault) if checks else None


def _run(cuda, grid, block, entry, recorder, seed):
    with np.errstate(all="ignore"):  # infinities and NaN travel, as on a GPU
        for place in itertools.product(*(range(n) for n in grid[::-1])):
            synchronised = recorder.synchronised if recorder else lambda: None
            scheduler = Block(block, entry, cuda.enter, synchronised, seed)
            cuda.begin(scheduler, place[::-1])
            if recorder:
                recorder.begin(scheduler)
            try:
                scheduler.run()
            finally:
                if recorder:
                    recorder.end()


def _argument(value, name, recorder):
    if not isinstance(value, np.ndarray):
        return value.item() if isinstance(value, np.integer | np.bool_) else value
    if recorder is None:
        return Array(value, name, "global")
    return WatchedArray(value, name, "global", recorder, name)


def _regions(arrays):
    """For each array the number of its memory: arguments may be the same array."""
    starts = [array.values.__array_interface__["data"][0] for array in arrays]
    return [starts.index(start) for start in starts]


def _explained(fault, cuda):
    """The fault as a Finding on the kernel's own line."""
    if fault.site is not None:
        file, line, *_ = fault.site
    else:
        cause = fault.__cause__ or fault
        own = [f for f in traceback.extract_tb(cause.__traceback__) if not f.filename.startswith(HERE)]
        file, line = own[-1].filename, own[-1].lineno
    source = linecache.getline(file, line).strip()
    place = cuda.blockIdx
    where = f"block {(place.x, place.y, place.z)}, thread {fault.thread.place}: "
    return Finding(fault.kind, where + str(fault), file, line, source)

