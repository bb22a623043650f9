"""Compiled kernels on the disk: object files, as a linker knows them, that LLVM loads without Numba.

A file is called after a hash of all the source that it was made of (see `identity.py`), so an edited kernel
never meets stale code; its folder, after the processor and the versions of what made it.  A file ends with its
own checksum.  Whoever makes one writes it under another name and renames it: a reader sees a whole file or none.
A folder that can't be written to is replaced by a temporary one.  What comes with the package needs no folder: see
`bundle.py`.
"""

import contextlib
import ctypes
import ctypes.util
import functools
import hashlib
import importlib.metadata
import os
import platform
import stat
import subprocess
import sys
import tempfile
import zlib

from llvmlite import binding

from minitf.kernels import bundle
from minitf.kernels.functions import numba
from minitf.kernels.processors import processor

# What kernels may call besides each other: LLVM's own helpers, and the C library's functions of numbers.
_FUNCTIONS = (
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "pow", "sin", "cos", "tan", "asin", "acos",
    "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "floor", "ceil", "trunc", "rint",
    "round", "nearbyint", "fmod", "fma", "sqrt", "cbrt", "hypot", "erf", "erfc", "tgamma", "lgamma",
    "copysign", "ldexp", "frexp",
)  # fmt: skip
_LIBRARY = {*_FUNCTIONS, *(name + "f" for name in _FUNCTIONS), "memset", "memcpy", "memmove", "bcmp", "memcmp"}
RESHAPE = "minitf_reshape"  # what stands for Numba's function, so that a `reshape` in a kernel needs no Numba
_PYTHON = (
    "PyLong_AsLongLong", "PyLong_FromLongLong", "PyEval_SaveThread", "PyEval_RestoreThread", "PyErr_Occurred",
    "PyErr_CheckSignals", "PyGILState_Ensure", "PyGILState_Release",
)  # fmt: skip
_SECONDS = "minitf_seconds"  # C's `time`
_NEVER_CALLED = ("NRT_MemInfo_call_dtor",)  # what frees memory of Numba's: arrays of the machine own none


@functools.cache
def folder(made_for):
    """Where code for a `Processor` is kept: in $MINITF_CACHE, or the user's cache folder."""
    base = os.environ.get("MINITF_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache"), "minitf"
    )
    path = os.path.join(base, _maker(made_for))
    return path if _can_write(path) else _temporary(_maker(made_for))


def _maker(made_for):
    features = hashlib.sha256(made_for.features.encode()).hexdigest()[:8]
    versions = "-".join(f"{p}{importlib.metadata.version(p)}" for p in ("numba", "llvmlite"))
    return f"{bundle.CONVENTION}-{versions}-{sys.platform}-{platform.machine()}-{made_for.name}-{features}"


def _can_write(path):
    try:
        os.makedirs(path, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return True
    except OSError:
        return False


def _temporary(name):
    """A folder for this user's later processes, where no one else can put code; or one for this process only."""
    if hasattr(os, "getuid"):
        root = os.path.join(tempfile.gettempdir(), f"minitf-{os.getuid()}")
        try:
            os.makedirs(root, mode=0o700, exist_ok=True)
            found = os.lstat(root)
        except OSError:
            return tempfile.mkdtemp(prefix="minitf-")
        private = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022
        if private and _can_write(os.path.join(root, name)):
            return os.path.join(root, name)
    return tempfile.mkdtemp(prefix="minitf-")


def load(name, symbol, made_for=None):
    """The address of `symbol` in the object called `name`, which came with the package or lies on the disk; or None."""
    made_for = made_for or processor()
    shipped = bundle.find(bundle.path(made_for), name) if bundle.serves() else None
    if shipped is not None:
        return add(shipped, symbol)
    for suffix in (".o", ".numba.o"):
        code = read(os.path.join(folder(made_for), name + suffix))
        if code is not None and symbol.encode() in code:  # a file under another's name would end the process
            if suffix == ".numba.o":
                _numba_runtime()
            return add(code, symbol)
    return None


def read(path):
    """The code in an object file; None where there is no such file, or a damaged one."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return None
    code, checksum = content[:-4], content[-4:]
    return code if zlib.crc32(code).to_bytes(4, "little") == checksum else None


def _needs_numba(outside):
    return not set(outside) <= _LIBRARY.union(_PYTHON, _NEVER_CALLED, [RESHAPE, _SECONDS])


def prepare(outside):
    """Before code is linked that calls the functions `outside`."""
    engine_of_process()
    if _needs_numba(outside):
        _numba_runtime()


def store(name, code, outside, made_for):
    """Keep an object file for a `Processor` that calls the functions `outside`."""
    suffix = ".numba.o" if _needs_numba(outside) else ".o"
    try:
        handle, path = tempfile.mkstemp(dir=folder(made_for), suffix=".new")
        with os.fdopen(handle, "wb") as file:
            file.write(code + zlib.crc32(code).to_bytes(4, "little"))
        os.replace(path, os.path.join(folder(made_for), name + suffix))
    except OSError:  # a full disk, or Windows while another reads it: compiled again next time
        with contextlib.suppress(OSError, UnboundLocalError):
            os.remove(path)


@functools.cache
def warm_up_once(made_for):
    """Have another process compile the standard kernels, if none has begun to in this folder.

    Meanwhile this one compiles what it needs itself; each kernel is compiled by whoever comes first.
    """
    if os.environ.get("MINITF_WARMUP") == "off":
        return
    try:
        with open(os.path.join(folder(made_for), "warming"), "x"):
            pass
        command = [sys.executable, "-m", "minitf", "warmup", "--quiet", "--processes", "1"]
        nothing = subprocess.DEVNULL
        environment = os.environ | {"MINITF_WARMUP": "off"}
        subprocess.Popen(
            command, stdin=nothing, stdout=nothing, stderr=nothing, env=environment, start_new_session=True
        )
    except OSError:  # another process has begun, or none can be started
        pass


def add(code, symbol):
    """Link an object file into this process; the address of its `symbol`."""
    engine = engine_of_process()
    engine.add_object_file(binding.object_file.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine.get_function_address(symbol)


def numbers_library(system):
    """The file of the C library's functions of numbers, on a system called as `os.name` does."""
    return ctypes.util.find_library("m") if system == "posix" else "ucrtbase"


@functools.cache
def engine_of_process():
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    library = ctypes.CDLL(numbers_library(os.name))
    for name in _LIBRARY:
        found = getattr(library, name, None)
        if found is not None:
            binding.add_symbol(name, ctypes.cast(found, ctypes.c_void_p).value)
    time = getattr(library, "time" if os.name == "posix" else "_time64")
    binding.add_symbol(_SECONDS, ctypes.cast(time, ctypes.c_void_p).value)
    for name in _PYTHON:
        binding.add_symbol(name, ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value)
    abort = ctypes.cast(ctypes.pythonapi.Py_FatalError, ctypes.c_void_p).value
    for name in _NEVER_CALLED:
        binding.add_symbol(name, abort)
    machine = binding.Target.from_default_triple().create_target_machine(codemodel="jitdefault")
    engine = binding.create_mcjit_compiler(binding.parse_assembly(_RESHAPE), machine)
    engine.finalize_object()
    binding.add_symbol(RESHAPE, engine.get_function_address(RESHAPE))
    return engine


# Strides of a C-contiguous array in another shape; 0 where it is not contiguous.  Arguments as Numba gives them.
_RESHAPE = f"""
define i32 @{RESHAPE}(i64 %rank, ptr %sizes, ptr %strides, i64 %new_rank, ptr %new_sizes, ptr %new_strides,
                      i64 %itemsize, i32 %order) {{
start:
  br label %look
look:
  %i = phi i64 [%rank, %start], [%axis, %next]
  %expected = phi i64 [%itemsize, %start], [%grown, %next]
  %more = icmp sgt i64 %i, 0
  br i1 %more, label %compare, label %fill
compare:
  %axis = sub i64 %i, 1
  %at_size = getelementptr i64, ptr %sizes, i64 %axis
  %size = load i64, ptr %at_size
  %at_stride = getelementptr i64, ptr %strides, i64 %axis
  %stride = load i64, ptr %at_stride
  %single = icmp eq i64 %size, 1
  %close = icmp eq i64 %stride, %expected
  %fits = or i1 %single, %close
  br i1 %fits, label %next, label %apart
next:
  %grown = mul i64 %expected, %size
  br label %look
fill:
  %k = phi i64 [%new_rank, %look], [%new_axis, %write]
  %step = phi i64 [%itemsize, %look], [%larger, %write]
  %left = icmp sgt i64 %k, 0
  br i1 %left, label %write, label %done
write:
  %new_axis = sub i64 %k, 1
  %at_new_stride = getelementptr i64, ptr %new_strides, i64 %new_axis
  store i64 %step, ptr %at_new_stride
  %at_new_size = getelementptr i64, ptr %new_sizes, i64 %new_axis
  %new_size = load i64, ptr %at_new_size
  %larger = mul i64 %step, %new_size
  br label %fill
done:
  ret i32 1
apart:
  ret i32 0
}}
"""


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
declare i8* @PyErr_Occurred()

define i8* @call{count}(i8* %self, i8** %args, i64 %count) {{
  %address = call i64 @PyLong_AsLongLong(i8* %self)
  %function = inttoptr i64 %address to i64 ({types})*
{loads}
  %state = call i8* @PyEval_SaveThread()
  %result = call i64 %function({words})
  call void @PyEval_RestoreThread(i8* %state)
  %raised = call i8* @PyErr_Occurred()
  %well = icmp eq i8* %raised, null
  br i1 %well, label %give, label %raise
give:
  %found = call i8* @PyLong_FromLongLong(i64 %result)
  ret i8* %found
raise:
  ret i8* null
}}
"""
_LOAD = """  %p{i} = getelementptr i8*, i8** %args, i64 {i}
  %o{i} = load i8*, i8** %p{i}
  %w{i} = call i64 @PyLong_AsLongLong(i8* %o{i})"""


class Method(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("code", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p)]


@functools.cache
def _method(count):
    source = _CALL.format(
        count=count,
        types=", ".join(["i64"] * count),
        loads="\n".join(_LOAD.format(i=i) for i in range(count)),
        words=", ".join(f"i64 %w{i}" for i in range(count)),
    )
    engine = engine_of_process()
    engine.add_module(binding.parse_assembly(source))
    engine.finalize_object()
    fastcall = 0x80  # METH_FASTCALL
    return Method(b"run", engine.get_function_address(f"call{count}"), fastcall, None)


def python_function(address, count):
    """A function of `count` ints that calls the machine code at `address` without the global lock.

    A call costs a tenth of ctypes'.  The arguments must be ints: nothing is checked.
    """
    new = ctypes.pythonapi.PyCFunction_NewEx
    new.restype, new.argtypes = ctypes.py_object, [ctypes.POINTER(Method), ctypes.py_object, ctypes.c_void_p]
    return new(ctypes.byref(_method(count)), address, None)
