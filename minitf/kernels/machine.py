"""The machine: one short loop that runs a stretch of instructions.

An instruction is a pair (address of an entry point, address of its record).  That is all the
machine knows: no graph, no shapes, no Python.  Running an instruction costs about 10 ns beyond the
work of its kernel, against 500 ns for a call of a Numba function from Python.

The debugger gives the same machine one instruction at a time.
"""

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from minitf.kernels import compile as kernels


@intrinsic
def _call(context, entry, record):
    """Call `int64 (*)(int64)` at address `entry` with `record`."""
    signature = types.int64(types.int64, types.int64)

    def generate(context, builder, signature, args):
        word = ir.IntType(64)
        pointer = ir.FunctionType(word, [word]).as_pointer()
        return builder.call(builder.inttoptr(args[0], pointer), [args[1]])

    return signature, generate


@numba.njit("int64(int64[:,::1], int64)", nogil=True)
def _run(program, start):
    for i in range(start, program.shape[0]):
        if _call(program[i, 0], program[i, 1]) != 0:
            return i
    return -1


class Launch:
    """One kernel with the arguments it will run on: what an op hands to the machine.

    Arguments are C-contiguous arrays and numbers.  Arrays are bound by address, so a later run of
    the same launch sees what was written into them meanwhile.
    """

    __slots__ = ("arguments", "kernel")

    def __init__(self, kernel, *arguments):
        self.kernel, self.arguments = kernel, arguments

    def entry(self):
        return kernels.entry_point(self.kernel, tuple(map(kernels.layout, self.arguments)))

    def __repr__(self):
        return f"<Launch {self.kernel.__name__} on {', '.join(str(kernels.layout(a)) for a in self.arguments)}>"


class Stretch:
    """Launches bound once, run many times."""

    def __init__(self, launches):
        self.launches = launches
        self._records = [
            np.array([w for a in launch.arguments for w in kernels.record_words(a)] or [0], np.int64)
            for launch in launches
        ]
        self._program = np.array(
            [
                (launch.entry(), record.__array_interface__["data"][0])
                for launch, record in zip(launches, self._records, strict=True)
            ],
            np.int64,
        ).reshape(-1, 2)

    def run(self):
        """Run every launch; returns -1, or the position of the launch whose kernel gave up."""
        return _run(self._program, 0)
