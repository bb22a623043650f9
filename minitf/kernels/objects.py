"""Compiled kernels on the disk: object files, as a linker knows them, that LLVM loads without Numba.

A file is called after a hash of all the source that it was made of (`compile.py: identity`), so an edited kernel
never meets stale code; its folder, after the processor and the versions of what made it.  A file ends with its
own checksum.  Whoever makes one writes it under another name and renames it: thirty students on one server may
start at once.  A folder that can't be written to is replaced by a temporary one.
"""

import ctypes
import ctypes.util
import functools
import hashlib
import importlib.metadata
import os
import platform
import tempfile
import zlib

from llvmlite import binding

from minitf.kernels.functions import numba

# What kernels may call besides each other: LLVM's own helpers, and the C library's functions of numbers.
_FUNCTIONS = (
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "pow", "sin", "cos", "tan", "asin", "acos",
    "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "floor", "ceil", "trunc", "rint",
    "round", "nearbyint", "fmod", "fma", "sqrt", "cbrt", "hypot", "erf", "erfc", "tgamma", "lgamma",
    "copysign", "ldexp", "frexp",
)  # fmt: skip
_LIBRARY = {*_FUNCTIONS, *(name + "f" for name in _FUNCTIONS), "memset", "memcpy", "memmove", "bcmp", "memcmp"}
_NEVER_CALLED = ("NRT_MemInfo_call_dtor",)  # what frees memory of Numba's: arrays of the machine own none


@functools.cache
def folder():
    """Where compiled kernels are kept: $MINITF_CACHE, or the user's cache folder."""
    base = os.environ.get("MINITF_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache"), "minitf"
    )
    user = os.getuid() if hasattr(os, "getuid") else "user"
    for root in (base, os.path.join(tempfile.gettempdir(), f"minitf-{user}")):
        path = os.path.join(root, _maker())
        try:
            os.makedirs(path, exist_ok=True)
            with tempfile.TemporaryFile(dir=path):
                return path
        except OSError:
            continue
    return tempfile.mkdtemp(prefix="minitf-")


def processor():
    """(name, features) that code is made for: this machine's, or those that Numba is told to use."""
    name = os.environ.get("NUMBA_CPU_NAME") or binding.get_host_cpu_name()
    features = os.environ.get("NUMBA_CPU_FEATURES")
    return name, binding.get_host_cpu_features().flatten() if features is None else features


def _maker():
    name, features = processor()
    versions = "-".join(f"{p}{importlib.metadata.version(p)}" for p in ("numba", "llvmlite"))
    return f"{versions}-{platform.machine()}-{name}-{hashlib.sha256(features.encode()).hexdigest()[:8]}"


def load(name, symbol):
    """The address of `symbol` in the object file called `name`; None where there is no such file, or a damaged one."""
    for suffix in (".o", ".numba.o"):
        try:
            with open(os.path.join(folder(), name + suffix), "rb") as file:
                content = file.read()
        except OSError:
            continue
        code, checksum = content[:-4], content[-4:]
        if zlib.crc32(code).to_bytes(4, "little") == checksum:
            if suffix == ".numba.o":
                _numba_runtime()
            return add(code, symbol)
    return None


def _needs_numba(outside):
    return not set(outside) <= _LIBRARY.union(_NEVER_CALLED)


def prepare(outside):
    """Before code is linked that calls the functions `outside`."""
    if _needs_numba(outside):
        _numba_runtime()


def store(name, code, outside):
    """Keep an object file that calls the functions `outside`."""
    suffix = ".numba.o" if _needs_numba(outside) else ".o"
    try:
        handle, path = tempfile.mkstemp(dir=folder(), suffix=".new")
        with os.fdopen(handle, "wb") as file:
            file.write(code + zlib.crc32(code).to_bytes(4, "little"))
        os.replace(path, os.path.join(folder(), name + suffix))
    except OSError:  # a full disk: the code runs all the same, and is compiled again next time
        return


def add(code, symbol):
    """Link an object file into this process; the address of its `symbol`."""
    engine = _engine()
    engine.add_object_file(binding.object_file.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine.get_function_address(symbol)


@functools.cache
def _engine():
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    library = ctypes.CDLL(ctypes.util.find_library("m") if os.name == "posix" else "ucrtbase")
    for name in _LIBRARY:
        found = getattr(library, name, None)
        if found is not None:
            binding.add_symbol(name, ctypes.cast(found, ctypes.c_void_p).value)
    for name in ("PyLong_AsLongLong", "PyLong_FromLongLong", "PyEval_SaveThread", "PyEval_RestoreThread"):
        binding.add_symbol(name, ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value)
    abort = ctypes.cast(ctypes.pythonapi.Py_FatalError, ctypes.c_void_p).value
    for name in _NEVER_CALLED:
        binding.add_symbol(name, abort)
    machine = binding.Target.from_default_triple().create_target_machine(codemodel="jitdefault")
    return binding.create_mcjit_compiler(binding.parse_assembly(""), machine)


@functools.cache
def _numba_runtime():
    """What a kernel needs that makes arrays of its own: Numba's memory."""
    numba()
    from numba.core.registry import cpu_target
    from numba.core.runtime import rtsys

    rtsys.initialize(cpu_target.target_context)


# -- a function of Python that calls an address ------------------------------------------------------------------

_CALL = """
declare i64 @PyLong_AsLongLong(i8*)
declare i8* @PyLong_FromLongLong(i64)
declare i8* @PyEval_SaveThread()
declare void @PyEval_RestoreThread(i8*)

define i8* @call{count}(i8* %self, i8** %args, i64 %count) {{
  %address = call i64 @PyLong_AsLongLong(i8* %self)
  %function = inttoptr i64 %address to i64 ({types})*
{loads}
  %state = call i8* @PyEval_SaveThread()
  %result = call i64 %function({words})
  call void @PyEval_RestoreThread(i8* %state)
  %found = call i8* @PyLong_FromLongLong(i64 %result)
  ret i8* %found
}}
"""
_LOAD = """  %p{i} = getelementptr i8*, i8** %args, i64 {i}
  %o{i} = load i8*, i8** %p{i}
  %w{i} = call i64 @PyLong_AsLongLong(i8* %o{i})"""


class _Method(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("code", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p)]


@functools.cache
def _method(count):
    source = _CALL.format(
        count=count,
        types=", ".join(["i64"] * count),
        loads="\n".join(_LOAD.format(i=i) for i in range(count)),
        words=", ".join(f"i64 %w{i}" for i in range(count)),
    )
    engine = _engine()
    engine.add_module(binding.parse_assembly(source))
    engine.finalize_object()
    fastcall = 0x80  # METH_FASTCALL
    return _Method(b"run", engine.get_function_address(f"call{count}"), fastcall, None)


def python_function(address, count):
    """A function of `count` ints that calls the machine code at `address` without the global lock.

    A call costs a tenth of ctypes'.  The arguments must be ints: nothing is checked.
    """
    new = ctypes.pythonapi.PyCFunction_NewEx
    new.restype, new.argtypes = ctypes.py_object, [ctypes.POINTER(_Method), ctypes.py_object, ctypes.c_void_p]
    return new(ctypes.byref(_method(count)), address, None)
