"""How a kernel becomes machine code: entry points for the machine.

The machine (see `machine.py`) knows only one calling convention, `int64 entry(record, begin, end, worker)`.
`entry_point` writes the few lines that unpack a record of int64 words into arrays and numbers, has Numba compile
them around the kernel, and keeps the result on the disk (see `objects.py`).  Read next: `machine.py`.
"""

import functools
import hashlib
import inspect
import linecache

import numpy as np
from llvmlite import binding, ir

from minitf.kernels import bundle, file_locks, objects, processors
from minitf.kernels.functions import (
    Function,
    Instruction,
    carray,
    kernel,
    numba,
    resolved,
    types,
)
from minitf.kernels.identity import identity

_GAVE_UP = 1  # the status of a kernel that raised an exception, which none should


class MachineFunction(Function):
    """A function of int64 words for the machine itself.  `entry_point` calls its machine code from Python."""

    @functools.cached_property
    def entry_point(self):
        count = len(inspect.signature(self.py_func).parameters)
        return objects.python_function(_address(self, count), count)

    def __call__(self, *arguments):
        return self.entry_point(*arguments)


def cached(function):
    """Declare a function of the machine: int64 words in, an int64 out."""
    return MachineFunction(function, nogil=True)


def from_source(source, name, namespace):
    """Compile Python `source` and return its function `name`; tracebacks show the generated lines.

    The function is called by a name of its own, because Numba makes linker symbols of it.
    """
    digest = hashlib.sha256(source.encode()).hexdigest()[:12]
    path = f"<minitf {name} {digest}>"
    linecache.cache[path] = (len(source), None, source.splitlines(True), path)
    scope = dict(namespace, __name__=__name__)
    exec(compile(source, path, "exec"), scope)
    scope[name].__qualname__ = f"{name}_{digest}"
    return scope[name]


def kernel_from_source(source, name, scope, module, fastmath=False):
    """A kernel whose source was generated around a function of `module`, which decides whether the disk keeps it."""
    made = kernel(from_source(source, name, scope), fastmath=fastmath)
    made.module = module
    return made


def _pointer(context, address):
    signature = types.voidptr(types.int64)

    def generate(context, builder, signature, args):
        return builder.inttoptr(args[0], context.get_value_type(signature.return_type))

    return signature, generate


def _float_of_bits(context, bits):
    signature = types.float64(types.int64)

    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], ir.DoubleType())

    return signature, generate


pointer, _FLOAT_OF_BITS = Instruction(_pointer), Instruction(_float_of_bits)


def layout(argument):
    """The type of one kernel argument: ('float32', 2) for an array, 'int' or 'float' for a number."""
    if isinstance(argument, np.ndarray):
        return argument.dtype.name, argument.ndim
    return "float" if isinstance(argument, (float, np.floating)) else "int"


def record_words(argument):
    """The int64 words that stand for one argument in a record; an array is (address, *shape)."""
    if isinstance(argument, np.ndarray):
        return [argument.__array_interface__["data"][0], *argument.shape]
    if isinstance(argument, (float, np.floating)):
        return [int(np.float64(argument).view(np.int64))]
    return [int(argument)]


_entries = {}
used, fresh = [], []  # names of the kernels that this process has loaded; of those, the ones that it compiled


def entry_point(kernel, layouts):
    """The address of `int64 entry(record, begin, end, worker)` that runs `kernel` on arguments of these layouts.

    `layouts` is a tuple of `layout(argument)`, the arguments of the range left out.  Loaded once per process, and
    compiled where the disk has none.
    """
    key = (kernel, layouts)
    found = _entries.get(key)
    if found is None:
        found = _entries[key] = _address(_entry(kernel, layouts), 4)
    return found


def _entry(kernel, layouts):
    """The function that unpacks a record and calls the kernel."""
    arguments, offset = list(kernel.range), 0
    for kind in layouts:
        word = f"record[{offset}]"
        if kind == "int":
            arguments.append(word)
            offset += 1
        elif kind == "float":
            arguments.append(f"float_of_bits({word})")
            offset += 1
        else:
            dtype, rank = kind
            shape = "".join(f"record[{offset + 1 + i}], " for i in range(rank))
            arguments.append(f"carray(pointer({word}), ({shape}), dtype_{dtype})")
            offset += 1 + rank
    call = f"kernel({', '.join(arguments)})"
    source = (
        f"def entry(address, begin, end, worker):\n"
        f"    # {kernel.__module__}.{kernel.__qualname__} on {layouts}\n"
        f"    record = carray(pointer(address), ({offset},), dtype_int64)\n"
        + (f"    return {call}\n" if kernel.status else f"    {call}\n    return 0\n")
    )
    dtypes = {
        f"dtype_{name}": np.dtype(name)
        for name in {"int64", *(k[0] for k in layouts if isinstance(k, tuple))}
    }
    namespace = dict(dtypes, kernel=kernel, carray=carray, pointer=pointer, float_of_bits=_FLOAT_OF_BITS)
    entry = Function(from_source(source, "entry", namespace), error_model="numpy")
    entry.module = kernel.module
    return entry


def _address(function, count):
    """Where the machine code of a function of `count` int64 words is; it returns one."""
    return c_address(function, ["int64"] * count, "int64")


def c_address(function, arguments, result):
    """Where a `Function` is that C can call: types by Numba's names, "float32*" for a pointer, "void" for no result.

    Its machine code is loaded from the disk, or compiled and kept there.
    """
    signature = f"{identity(function)} {result}({', '.join(arguments)})"
    name = hashlib.sha256(signature.encode()).hexdigest()[:24]
    symbol = f"minitf_{name}"
    if not function.module.startswith("minitf"):
        return _made(function, arguments, result, symbol)[0]
    used.append(name)
    found = objects.load(name, symbol)
    return _made_once(function, arguments, result, name, symbol) if found is None else found


def _made_once(function, arguments, result, name, symbol):
    """Compile what the disk does not have, or wait for another process that does."""
    made_for = processors.tell(numba())
    if bundle.is_missing(made_for):
        objects.warm_up_once(made_for)
    with file_locks.alone(objects.folder(made_for), name):
        found = objects.load(name, symbol, made_for)
        if found is None:
            found, code, outside = _made(function, arguments, result, symbol)
            objects.store(name, code, outside, made_for)
            fresh.append(name)
    return found


def _made(function, arguments, result, symbol):
    """(address, object file, what it calls) of a function that is compiled now."""
    code, outside = _compile(resolved(function.py_func), arguments, result, symbol)
    objects.prepare(outside)
    return objects.add(code, symbol), code, outside


def _compile(function, arguments, result, symbol):
    """(object file with the C function `symbol`, the names of the functions outside that it calls)."""
    numba()
    objects.prepare(())
    from numba.core.compiler_lock import global_compiler_lock

    with global_compiler_lock:
        return _emitted(_library(function, [_type(a) for a in arguments], _type(result), symbol), symbol)


def _type(name):
    if name.endswith("*"):
        return types.CPointer(_type(name[:-1]))
    return getattr(types, name)


def _library(function, arguments, result, symbol):
    """Numba's library of the compiled function, with one that C can call."""
    from numba.core import compiler
    from numba.core.registry import cpu_target

    flags = compiler.Flags()
    flags.no_compile = flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.nrt = True
    flags.error_model = "numpy"
    typing, target = cpu_target.typing_context, cpu_target.target_context
    typing.refresh()
    target.refresh()
    made = compiler.compile_extra(typing, target, function, arguments, result, flags, {})
    library = target.codegen().create_library(symbol)
    library.add_linking_library(made.library)
    library.add_ir_module(_wrapper(library, target, made, arguments, result, symbol))
    library.finalize()
    return library


def _wrapper(library, target, made, arguments, result, symbol):
    """The function as C calls it, around one that is called as Numba does."""
    module = library.create_ir_module(symbol)
    inner = target.declare_function(module, made.fndesc)
    nothing = result == types.void
    returned = ir.VoidType() if nothing else target.get_value_type(result)
    outer = ir.Function(
        module, ir.FunctionType(returned, [target.get_value_type(a) for a in arguments]), symbol
    )
    builder = ir.IRBuilder(outer.append_basic_block())
    status, value = target.call_conv.call_function(builder, inner, result, arguments, list(outer.args))
    if nothing:
        builder.ret_void()
        return module
    with builder.if_then(status.is_error, likely=False):
        builder.ret(ir.Constant(returned, _GAVE_UP))
    builder.ret(value)
    return module


def _emitted(library, symbol):
    """The object file of a finished library, and the functions outside that it calls."""
    module, machine = _alone(library, symbol)
    outside = [f.name for f in module.functions if f.is_declaration and not f.name.startswith("llvm.")]
    return machine.emit_object(module), outside


def _alone(library, symbol):
    """(LLVM's module of a finished library, in which all but `symbol` is its own affair; what emits its code)."""
    module = binding.parse_bitcode(library._final_module.as_bitcode())
    for number, value in enumerate([*module.functions, *module.global_variables]):
        if not value.is_declaration and value.name != symbol:
            value.linkage, value.name = "internal", f"{symbol}_{number}"  # Numba's names are 200 letters long
    for function in module.functions:
        if function.name == "numba_attempt_nocopy_reshape":
            function.name = objects.RESHAPE
    machine = library._codegen._tm
    passes = binding.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, binding.create_pass_builder(machine, binding.create_pipeline_tuning_options()))
    return module, machine


def listing(kernel, layouts, language):
    """What `entry_point` runs as text: "llvm" for LLVM's instructions, "assembly" for the processor's."""
    numba()
    from numba.core.compiler_lock import global_compiler_lock

    with global_compiler_lock:
        function = resolved(_entry(kernel, layouts).py_func)
        library = _library(function, [types.int64] * 4, types.int64, kernel.__name__)
        module, machine = _alone(library, kernel.__name__)
        return str(module) if language == "llvm" else machine.emit_assembly(module)
