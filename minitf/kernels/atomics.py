"""Machine instructions: atomic words by which threads agree, calls of addresses, the processor's hint to wait.

All words are of 64 bits, at addresses that are multiples of 8.  For use inside kernels; read next: `threads.py`.
"""

import platform

import numpy as np
from llvmlite import ir

from minitf.kernels.functions import Instruction, cgutils, types


def address_of(array):
    """Where an array's memory is; None for anything else."""
    return array.__array_interface__["data"][0] if isinstance(array, np.ndarray) else None


def _pointer(builder, address):
    return builder.inttoptr(address, ir.IntType(64).as_pointer())


def _atomic(count, generate):
    """An intrinsic of an address and `count` words that returns a word."""
    def typed(context, address, *words):
        signature = types.int64(types.int64, *[types.int64] * count)
        return signature, lambda context, builder, signature, args: generate(builder, args)

    return Instruction([
        lambda context, address: typed(context, address),
        lambda context, address, value: typed(context, address, value),
        lambda context, address, expected, value: typed(context, address, expected, value),
    ][count])  # fmt: skip


def _store(builder, args):
    builder.store_atomic(args[1], _pointer(builder, args[0]), "release", 8)
    return args[1]


load = _atomic(0, lambda b, a: b.load_atomic(_pointer(b, a[0]), "seq_cst", 8))
add = _atomic(1, lambda b, a: b.atomic_rmw("add", _pointer(b, a[0]), a[1], "seq_cst"))
exchange = _atomic(1, lambda b, a: b.atomic_rmw("xchg", _pointer(b, a[0]), a[1], "seq_cst"))
store = _atomic(1, _store)
compare_exchange = _atomic(
    2, lambda b, a: b.extract_value(b.cmpxchg(_pointer(b, a[0]), a[1], a[2], "seq_cst", "seq_cst"), 0)
)


@Instruction
def call_entry(context, entry, record, begin, end, worker):
    """Call `int64 (*)(int64 record, int64 begin, int64 end, int64 worker)` at address `entry`."""
    signature = types.int64(*[types.int64] * 5)

    def generate(context, builder, signature, args):
        word = ir.IntType(64)
        pointer = ir.FunctionType(word, [word] * 4).as_pointer()
        return builder.call(builder.inttoptr(args[0], pointer), args[1:])

    return signature, generate


@Instruction
def call_system(context, function, handle, value):
    """Call a function of the system; one that takes fewer arguments ignores the others."""
    signature = types.void(*[types.int64] * 3)

    def generate(context, builder, signature, args):
        word = ir.IntType(64)
        pointer = ir.FunctionType(ir.IntType(32), [word] * 3).as_pointer()
        builder.call(builder.inttoptr(args[0], pointer), [args[1], args[2], ir.Constant(word, 0)])
        return context.get_dummy_value()

    return signature, generate


def _outside(name):
    """An intrinsic that calls a function of C's or Python's with one word: `objects.py` tells where it is."""
    def typed(context, word):
        def generate(context, builder, signature, args):
            shape = ir.FunctionType(ir.IntType(64), [ir.IntType(64)])
            function = builder.module.globals.get(name) or ir.Function(builder.module, shape, name)
            return builder.call(function, args)

        return types.int64(types.int64), generate

    return Instruction(typed)


# Python's take no word, or return none: both are harmless.
seconds = _outside("minitf_seconds")
ensure_lock, check_signals = _outside("PyGILState_Ensure"), _outside("PyErr_CheckSignals")
release_lock = _outside("PyGILState_Release")


@Instruction
def copy_bytes(context, target, source, count):
    """Copy `count` bytes from address to address."""
    signature = types.void(*[types.int64] * 3)

    def generate(context, builder, signature, args):
        byte = ir.IntType(8).as_pointer()
        cgutils.raw_memcpy(builder, *(builder.inttoptr(a, byte) for a in args[:2]), args[2], 1)
        return context.get_dummy_value()

    return signature, generate


@Instruction
def prefetch(context, address):
    """Begin to bring the cache line at an address near, to be read once; the address may be anything."""
    signature = types.void(types.int64)

    def generate(context, builder, signature, args):
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        shape = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", [byte], shape)
        for_reading, not_to_keep, data = (ir.Constant(number, n) for n in (0, 0, 1))
        builder.call(function, [builder.inttoptr(args[0], byte), for_reading, not_to_keep, data])
        return context.get_dummy_value()

    return signature, generate


def waiting_hint(machine):
    """LLVM's name of the instruction for a thread that waits, on a machine called as `platform` does; or None."""
    return {"x86_64": "llvm.x86.sse2.pause", "AMD64": "llvm.x86.sse2.pause"}.get(machine)


@Instruction
def store_products(context, target, source, factor):
    """Multiply 16 float32 at `source` by `factor` and write them past the caches; both begin with a cache line.

    Memory that is not read soon need not be read before it is written, as a cache would do.
    """
    signature = types.void(types.int64, types.int64, types.float32)

    def generate(context, builder, signature, args):
        number = ir.IntType(32)
        vector, zero = ir.VectorType(ir.FloatType(), 16), ir.Constant(number, 0)
        nothing = ir.Constant(vector, ir.Undefined)
        source = builder.load(builder.inttoptr(args[1], vector.as_pointer()), align=64)
        factor = builder.insert_element(nothing, args[2], zero)
        factor = builder.shuffle_vector(factor, nothing, ir.Constant(ir.VectorType(number, 16), [0] * 16))
        stored = builder.store(builder.fmul(source, factor), builder.inttoptr(args[0], vector.as_pointer()), align=64)
        stored.set_metadata("nontemporal", builder.module.add_metadata([ir.Constant(number, 1)]))
        return context.get_dummy_value()

    return signature, generate


@Instruction
def pause(context):
    """Tell the processor that this thread waits: the other thread of its core may go on."""
    hint = waiting_hint(platform.machine())

    def generate(context, builder, signature, args):
        if hint is not None:
            function = builder.module.globals.get(hint) or ir.Function(
                builder.module, ir.FunctionType(ir.VoidType(), []), hint
            )
            builder.call(function, [])
        return context.get_dummy_value()

    return types.void(), generate
