"""How a kernel becomes machine code: `@kernel`, the cache on disk, and the machine's entry points.

A kernel is an ordinary Numba function over C-contiguous arrays and plain numbers; it writes its
last arguments and returns nothing.  A kernel that can meet bad data (an index out of range) is
declared `@kernel(status=True)` and returns 0, or a number above 0 when it gave up.

A kernel whose first arguments are called `begin` and `end` does that range of its work: see `threads.py`.

The machine (see `machine.py`) knows only one calling convention, `int64 entry(record, begin, end, worker)`
of int64 numbers.  `entry_point` writes the few lines that unpack a record of int64 words into arrays and
numbers, and compiles them around the kernel.  Read next: `machine.py`.
"""

import functools
import hashlib
import inspect
import linecache
import os
import pathlib
import platform
import tempfile

import numba
import numpy as np
from llvmlite import ir
from numba.core import caching, ccallback, compiler, types
from numba.extending import intrinsic

_KERNELS = str(pathlib.Path(__file__).parent)


@functools.cache
def cache_folder():
    """Where compiled kernels are kept: $MINITF_CACHE, or the user's cache folder.

    A folder that cannot be written (a read-only home) is replaced by a temporary one.
    """
    base = os.environ.get("MINITF_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache"), "minitf"
    )
    user = os.getuid() if hasattr(os, "getuid") else "user"
    versions = f"numba{numba.__version__}-numpy{np.__version__}-python{platform.python_version()}"
    for root in (base, os.path.join(tempfile.gettempdir(), f"minitf-{user}")):
        folder = os.path.join(root, versions)
        try:
            os.makedirs(folder, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return tempfile.mkdtemp(prefix="minitf-")


def identity(function):
    """A hash of a function's source, of all that it calls in this package, and of the constants they use.

    Machine code is kept under this name, so that an edited kernel never meets stale code.  (Numba's
    own cache looks at one file only and misses a change in a function that a kernel calls.)  Of a
    module under `kernels` the whole file counts.
    """
    digest, seen, pending = hashlib.sha256(), set(), [function]
    while pending:
        found = pending.pop()
        found = getattr(found, "py_func", getattr(found, "_defn", found))  # Numba's function, or intrinsic
        source = _source_of(found)
        if source is None or found in seen:
            continue
        seen.add(found)
        digest.update(source)
        for value in _mentioned(found):
            if isinstance(value, (int, float, str, bytes, tuple, frozenset, np.generic, np.dtype)):
                digest.update(repr(value).encode())
            elif inspect.ismodule(value) and (value.__file__ or "").startswith(_KERNELS):
                digest.update(_file(value.__file__))
            elif callable(value):
                pending.append(value)
    return digest.hexdigest()[:24]


def _source_of(function):
    """The source that decides what `function` does; None for one that is not of this package."""
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    if code.co_filename.startswith("<minitf "):
        return "".join(linecache.getlines(code.co_filename)).encode()
    if code.co_filename.startswith(_KERNELS):
        return _file(code.co_filename)
    if (function.__module__ or "").startswith("minitf"):
        return inspect.getsource(function).encode()
    return None


@functools.cache
def _file(path):
    return pathlib.Path(path).read_bytes()


def _mentioned(function):
    """The values of the names that a function's code, or code nested in it, uses from outside."""
    names, codes = [], [function.__code__]
    while codes:
        code = codes.pop()
        names.extend(code.co_names)
        codes.extend(c for c in code.co_consts if hasattr(c, "co_names"))
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    outside = {**function.__globals__, **{name: cell.cell_contents for name, cell in cells}}
    return [outside[n] for n in dict.fromkeys([*names, *function.__code__.co_freevars]) if n in outside]


class _Locator(caching._CacheLocator):
    """Tells Numba's cache where code is kept and under which name."""

    def __init__(self, function):
        self._identity = identity(function)

    def get_cache_path(self):
        return cache_folder()

    def get_source_stamp(self):
        return self._identity

    def get_disambiguator(self):
        return self._identity

    @classmethod
    def from_function(cls, function, path):
        return cls(function)


class _CacheImpl(caching.CompileResultCacheImpl):
    _locator_classes = [_Locator]


class KernelCache(caching.Cache):
    _impl_class = _CacheImpl


class NoAliasCompiler(compiler.Compiler):
    """Promises LLVM that the arrays of a kernel do not overlap, so that its loops vectorise.

    The planner keeps that promise.  Measured: an LSTM cell over eight arrays runs 4 times faster.
    """

    def __init__(self, typing_context, target_context, library, args, return_type, flags, locals):
        flags = flags.copy()
        flags.noalias = True
        super().__init__(typing_context, target_context, library, args, return_type, flags, locals)


def kernel(function=None, *, fastmath=False, status=False):
    """Declare a kernel.  `fastmath` takes Numba's flags; never `nnan` or `ninf`: NaN must travel."""
    if function is None:
        return functools.partial(kernel, fastmath=fastmath, status=status)
    compiled = numba.njit(
        function, nogil=True, error_model="numpy", fastmath=fastmath, pipeline_class=NoAliasCompiler
    )
    compiled.status, compiled.range = status, _range(function)
    return compiled


def _range(function):
    """Those of the arguments begin, end, worker that a kernel begins with: () where it can't be divided."""
    names = tuple(inspect.signature(function).parameters)
    if names[:3] == ("begin", "end", "worker"):
        return names[:3]
    return names[:2] if names[:2] == ("begin", "end") else ()


def inline(function=None, *, fastmath=False):
    """A scalar function for use inside kernels: LLVM puts it into its caller, whatever its size."""
    if function is None:
        return functools.partial(inline, fastmath=fastmath)
    return numba.njit(function, nogil=True, error_model="numpy", fastmath=fastmath, forceinline=True)


def cached(signature):
    """A function of numbers for the machine itself: compiled for `signature`, kept on disk as kernels are.

    `entry_point` of the result is the function without Numba's look at the types: 60 ns less.
    """

    def compiled(function):
        made = numba.njit(function, nogil=True)
        made._cache = KernelCache(function)
        made.compile(signature)
        made.disable_compile()
        made.entry_point = made.overloads[made.signatures[0]].entry_point
        return made

    return compiled


def from_source(source, name, namespace):
    """Compile Python `source` and return its function `name`; tracebacks show the generated lines.

    The function is called by a name of its own: Numba makes linker symbols of it, and two of one name,
    cached by different processes, would be taken for the same.
    """
    digest = hashlib.sha256(source.encode()).hexdigest()[:12]
    path = f"<minitf {name} {digest}>"
    linecache.cache[path] = (len(source), None, source.splitlines(True), path)
    scope = dict(namespace, __name__=__name__)  # Numba's cache imports this module again
    exec(compile(source, path, "exec"), scope)
    scope[name].__qualname__ = f"{name}_{digest}"
    return scope[name]


def kernel_from_source(source, name, scope, module, fastmath=False):
    """A kernel whose source was generated around a function of `module` (which decides on caching)."""
    function = from_source(source, name, scope)
    compiled = numba.njit(
        function, nogil=True, error_model="numpy", fastmath=fastmath, pipeline_class=NoAliasCompiler
    )
    compiled.generated_from, compiled.status, compiled.range = module, False, _range(function)
    return compiled


@intrinsic
def _pointer(context, address):
    signature = types.voidptr(types.int64)

    def generate(context, builder, signature, args):
        return builder.inttoptr(args[0], context.get_value_type(signature.return_type))

    return signature, generate


@intrinsic
def _float_of_bits(context, bits):
    signature = types.float64(types.int64)

    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], ir.DoubleType())

    return signature, generate


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


def entry_point(kernel, layouts):
    """The address of `int64 entry(record, begin, end, worker)` that runs `kernel` on arguments of these layouts.

    `layouts` is a tuple of `layout(argument)`, the arguments of the range left out.  Compiled once per process,
    loaded from the cache on disk where it was compiled before.
    """
    key = (kernel, layouts)
    found = _entries.get(key)
    if found is None:
        found = _entries[key] = _compile_entry(kernel, layouts)
    return found.address


def _compile_entry(kernel, layouts):
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
    function = kernel.py_func
    source = (
        f"def entry(address, begin, end, worker):\n"
        f"    # {function.__module__}.{function.__qualname__} on {layouts}\n"
        f"    record = carray(pointer(address), ({offset},), dtype_int64)\n"
        + (f"    return {call}\n" if kernel.status else f"    {call}\n    return 0\n")
    )
    dtypes = {f"dtype_{name}": np.dtype(name) for name in {"int64", *(k[0] for k in layouts if isinstance(k, tuple))}}
    namespace = dict(
        dtypes, kernel=kernel, carray=numba.carray, pointer=_pointer, float_of_bits=_float_of_bits
    )
    entry = from_source(source, "entry", namespace)
    compiled = ccallback.CFunc(
        entry,
        ((types.int64,) * 4, types.int64),
        locals={},
        options={"error_model": "numpy", "nopython": True},
    )
    if getattr(kernel, "generated_from", function.__module__).startswith("minitf"):
        compiled._cache = KernelCache(entry)
    compiled.compile()
    return compiled
