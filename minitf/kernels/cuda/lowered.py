"""A kernel's lowered code, run on the CPU: what Numba has made of the types, before the GPU's own compiler.

The simulator runs a kernel's Python source, in which `float32 * 0.5` stays float32 and a whole number never
overflows.  A GPU runs what Numba has typed and lowered.  Here that LLVM IR is compiled for this machine's processor
instead: its instructions are nearly the same for both, and the few dozen functions that only a GPU has (where am I,
barrier, shuffle, atomic operation) are written below.  The threads take turns as in the simulator.

`run_lowered` is called as `simulate` is.
"""

import ctypes
import ctypes.util
import functools
import itertools
import re

import llvmlite.binding as llvm
import numpy as np

from minitf.kernels.cuda.compiling import lower, types_of
from minitf.kernels.cuda.simulator.report import KernelError
from minitf.kernels.cuda.simulator.threads import WARP, Block, Fault, Wait, triple

REGISTERS = [f"{name}.{axis}" for name in ("tid", "ntid", "ctaid", "nctaid") for axis in "xyz"] + ["laneid", "warpsize"]
EXCHANGES = {0: "index", 1: "up", 2: "down", 3: "xor", 4: "all", 5: "any", 7: "ballot", 8: "sync"}
PREFIX = "llvm.nvvm.", "gpu."  # what LLVM takes for its own, and what we may define
ARITHMETIC = re.compile(r'= (f(add|sub|mul|div|rem) |call .*@"?(llvm\.fma|llvm\.sqrt|__nv_))')
FUSED = re.compile(r'@"?(llvm\.fma|__nv_fma)')


def run_lowered(kernel, grid, block, *args, seed=0):
    """Run the lowered code of a CUDA kernel on the CPU.  Needs numba-cuda; no GPU.

    kernel, grid, block, args, seed   as for `simulate`; arrays are changed in place

    An index out of bounds is not noticed here: it reads or writes other memory, as on a GPU.  Raises KernelError for
    divergent barriers and bad shuffles.
    """
    _run(_compiled(kernel, types_of(args)), grid, block, args, seed)


def count_operations(kernel, grid, block, *args):
    """Run a kernel as `run_lowered` does, and count its arithmetic with floats, which a GPU would have to do.

    A sum, a product, a quotient and a function of mathematics count 1, a fused multiply-and-add 2.
    """
    lowered = _compiled(kernel, types_of(args), counting=True)
    lowered.operations[0] = 0
    _run(lowered, grid, block, args, seed=0)
    return int(lowered.operations[0])


def _run(lowered, grid, block, args, seed):
    try:
        lowered.run(triple(grid), triple(block), args, seed)
    except Fault as fault:
        raise KernelError(f"{lowered.name}, thread {fault.thread.place}: {fault.kind}: {fault}") from fault


@functools.lru_cache(maxsize=512)
def _compiled(kernel, types, counting=False):
    return _Lowered(kernel, types, counting)


class _Lowered:
    """One kernel for arguments of certain types, as machine code of this processor."""

    def __init__(self, kernel, types, counting):
        entry, sources = lower(kernel, types)
        module = _host_module([_counting(source) for source in sources] if counting else sources)
        self.name = getattr(kernel, "py_func", kernel).__name__
        self._engine = _machine_code(module)
        self._address = self._engine.get_function_address(entry)
        self._registers = self._variable("gpu.registers", ctypes.c_int32 * len(REGISTERS))
        self.operations = self._variable("gpu.operations", ctypes.c_int64 * 1)
        self._shared = [
            (self._engine.get_global_value_address(name), size) for name, size in _shared_memory(module)
        ]

    def _variable(self, name, kind):
        return np.ctypeslib.as_array(kind.from_address(self._engine.get_global_value_address(name)))

    def run(self, grid, block, args, seed):
        kinds, values = _flattened(args)
        entry = functools.partial(ctypes.PYFUNCTYPE(None, *kinds)(self._address), *values)
        registers = self._registers
        registers[3:6], registers[9:12], registers[13] = block, grid, WARP
        for place in itertools.product(*(range(n) for n in grid[::-1])):
            registers[6:9] = place[::-1]
            for address, size in self._shared:
                ctypes.memset(address, 0xFF, size)
            scheduler = Block(block, entry, self._enter, seed=seed)
            _Running.block = scheduler
            scheduler.run()

    def _enter(self, thread):
        self._registers[0:3] = thread.place
        self._registers[12] = thread.lane


def _flattened(args):
    """The arguments as Numba's calling convention has them: an array is seven fields and more, a number itself."""
    kinds, values = [], []
    for value in args:
        if isinstance(value, np.ndarray):
            fields = [0, 0, value.size, value.itemsize, value.ctypes.data, *value.shape, *value.strides]
            pointer, whole = ctypes.c_void_p, ctypes.c_int64
            kinds += [pointer, pointer, whole, whole, pointer] + [whole] * (2 * value.ndim)
            values += fields
        else:
            number = np.asarray(value)
            kinds.append(ctypes.c_int8 if number.dtype == bool else np.ctypeslib.as_ctypes_type(number.dtype))
            values.append(number.item())
    return kinds, values


# -- from the GPU's module to one for this machine -------------------------------------------------------------


def _host_module(sources):
    module = llvm.parse_assembly(_runtime())
    for source in sources:
        lines = (line for line in source.splitlines() if not line.startswith("target "))
        module.link_in(llvm.parse_assembly("\n".join(lines).replace(*PREFIX)))
    module.verify()
    _provide(module)
    return module


def _counting(source):
    """LLVM IR that adds to `gpu.operations` after each operation with floats."""
    lines = ['@"gpu.operations" = external global i64']
    for number, line in enumerate(source.splitlines()):
        lines.append(line)
        if ARITHMETIC.search(line):
            before, after = f'%"before.{number}"', f'%"after.{number}"'
            lines.append(f'  {before} = load i64, ptr @"gpu.operations"')
            lines.append(f"  {after} = add i64 {before}, {2 if FUSED.search(line) else 1}")
            lines.append(f'  store i64 {after}, ptr @"gpu.operations"')
    return "\n".join(lines)


def _machine_code(module):
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(opt=3)
    passes = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(3))
    passes.getModulePassManager().run(module, passes)
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    return engine


def _shared_memory(module):
    """Name and size of each array in shared memory: LLVM's address space 3."""
    data = llvm.create_target_data(str(module.data_layout))
    for variable in module.global_variables:
        if "addrspace(3)" in str(variable).partition(" global ")[0]:
            yield variable.name, data.get_abi_size(variable.global_value_type)


def _provide(module):
    """Tell the linker where the functions of CUDA's mathematics are: in C's library under the same names."""
    library = ctypes.CDLL(ctypes.util.find_library("m"))
    missing = []
    for function in module.functions:
        name = function.name
        if not function.is_declaration or name.startswith("llvm.") or name in CALLBACKS:
            continue
        found = getattr(library, name.removeprefix("__nv_"), None) if name.startswith("__nv_") else None
        if found is None:
            missing.append(name)
        else:
            llvm.add_symbol(name, ctypes.cast(found, ctypes.c_void_p).value)
    if missing:
        raise NotImplementedError(f"lowered code calls what is not known here: {', '.join(missing)}")


class _Running:
    """The block whose threads take turns now, for the callbacks below."""

    block = None


@ctypes.PYFUNCTYPE(None)
def _barrier():
    _wait(Wait(None))


@ctypes.PYFUNCTYPE(ctypes.c_int64, ctypes.c_int32, ctypes.c_int32, ctypes.c_int32, ctypes.c_int32)
def _exchange(mask, kind, value, lane):
    return int(_wait(Wait(None, EXCHANGES[kind], mask & 0xFFFFFFFF, value, lane)) or 0) & 0xFFFFFFFF


def _wait(wait):
    """The thread's answer; machine code can't be left by an exception, so after a fault it runs out with zeros."""
    try:
        return _Running.block.wait(wait)
    except BaseException:
        return 0


CALLBACKS = {"gpu.callback.barrier": _barrier, "gpu.callback.exchange": _exchange}
for _name, _function in CALLBACKS.items():
    llvm.add_symbol(_name, ctypes.cast(_function, ctypes.c_void_p).value)


# -- what only a GPU has ---------------------------------------------------------------------------------------

EXCHANGING = """
define {i32, i1} @"gpu.shfl.sync.i32"(i32 %mask, i32 %kind, i32 %value, i32 %lane, i32 %clamp) alwaysinline {
  %wide = call i64 @"gpu.callback.exchange"(i32 %mask, i32 %kind, i32 %value, i32 %lane)
  %low = trunc i64 %wide to i32
  %first = insertvalue {i32, i1} undef, i32 %low, 0
  %both = insertvalue {i32, i1} %first, i1 true, 1
  ret {i32, i1} %both
}
define {i32, i1} @"gpu.vote.sync"(i32 %mask, i32 %vote, i1 %predicate) alwaysinline {
  %kind = add i32 %vote, 4
  %value = zext i1 %predicate to i32
  %wide = call i64 @"gpu.callback.exchange"(i32 %mask, i32 %kind, i32 %value, i32 0)
  %low = trunc i64 %wide to i32
  %yes = icmp ne i32 %low, 0
  %first = insertvalue {i32, i1} undef, i32 %low, 0
  %both = insertvalue {i32, i1} %first, i1 %yes, 1
  ret {i32, i1} %both
}
define void @"gpu.bar.warp.sync"(i32 %mask) alwaysinline {
  %ignored = call i64 @"gpu.callback.exchange"(i32 %mask, i32 8, i32 0, i32 0)
  ret void
}
"""

ATOMIC_EXTREME = """
define {t} @"___numba_atomic_{t}_{name}"(ptr %p, {t} %value) alwaysinline {{
  %old = load {t}, ptr %p
  %better = fcmp {compare} {t} %value, %old
  %new = select i1 %better, {t} %value, {t} %old
  store {t} %new, ptr %p
  ret {t} %old
}}
"""

PI = {"float": "0x400921FB60000000", "double": "0x400921FB54442D18"}
OF_HALF_TURNS = """
declare {t} @llvm.{name}.f{bits}({t})
define {t} @"__nv_{name}pi{suffix}"({t} %x) alwaysinline {{
  %angle = fmul {t} %x, {pi}
  %result = call {t} @llvm.{name}.f{bits}({t} %angle)
  ret {t} %result
}}
"""

ROUNDED = """
define {t} @"__nv_{letter}{name}_rn"({t} %x, {t} %y) alwaysinline {{
  %result = {instruction} {t} %x, %y
  ret {t} %result
}}
"""


@functools.cache
def _runtime():
    """The functions of a GPU as LLVM IR for this machine."""
    parts = [
        '@"gpu.operations" = global i64 0',
        f'@"gpu.registers" = global [{len(REGISTERS)} x i32] zeroinitializer',
        'declare void @"gpu.callback.barrier"()',
        'declare i64 @"gpu.callback.exchange"(i32, i32, i32, i32)',
        EXCHANGING,
    ]
    for number, name in enumerate(REGISTERS):
        load = f'load volatile i32, ptr getelementptr (i32, ptr @"gpu.registers", i64 {number})'
        parts.append(f'define i32 @"gpu.read.ptx.sreg.{name}"() alwaysinline {{ %v = {load}\n ret i32 %v }}')
    for name in ("barrier0", "barrier.cta.sync.aligned.all"):
        parameter = "i32 %b" if name.endswith("all") else ""
        body = 'call void @"gpu.callback.barrier"()\n ret void'
        parts.append(f'define void @"gpu.{name}"({parameter}) alwaysinline {{ {body} }}')
    for name in ("cta", "gl", "sys"):
        parts.append(f'define void @"gpu.membar.{name}"() alwaysinline {{ ret void }}')
    for t, bits, letter in (("float", 32, "f"), ("double", 64, "d")):
        body = f"%old = atomicrmw fadd ptr %p, {t} %v seq_cst\n ret {t} %old"
        parts.append(f'define {t} @"gpu.atomic.load.add.f{bits}.p0f{bits}"(ptr %p, {t} %v) alwaysinline {{ {body} }}')
        for name, compare in (("max", "ogt"), ("min", "olt")):
            parts.append(ATOMIC_EXTREME.format(t=t, name=name, compare=compare))
        for name in ("sin", "cos"):
            parts.append(OF_HALF_TURNS.format(t=t, name=name, suffix="f" if letter == "f" else "", bits=bits, pi=PI[t]))
        for name in ("add", "sub", "mul", "div"):
            parts.append(ROUNDED.format(t=t, letter=letter, name=name, instruction=f"f{name}"))
    return "\n".join(parts)
