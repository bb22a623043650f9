"""What a CUDA kernel is written with.  The only module that imports `numba.cuda`.

A kernel is an ordinary Python function, written for one thread of many:

    from minitf.kernels.cuda.toolkit import cuda, device, kernel, thread_count, thread_index, uint32

    @kernel
    def scale(factor, x, out):
        i = thread_index()
        while i < uint32(out.size):
            out[i] = factor * x[i]
            i = uint32(i + thread_count())

Nothing is compiled, and numba-cuda is not even imported, before a kernel is wanted on a GPU.  The same function
serves several worlds: a real GPU, the simulator, the executor of its lowered code, the check of its machine code.
A world differs from another in what the names in a kernel mean (`cuda`, `load4`, functions marked `@device`), so
`rebuild` makes a copy of the kernel in which they mean something else.

Write indices as 32-bit numbers: after each step of index arithmetic, `uint32(...)`.  Numba widens a sum of two
32-bit numbers to 64 bits, and 64-bit division on a GPU is a slow call (a loop of 208 instructions became 24).
For the same reason a constant of float32 arithmetic is written `float32(0.5)`.

Every kernel says how it may be tried: `scale.example(grid, block, *arguments)` and, in NumPy, what it must do to
its arguments: `@scale.equals`.  `all_kernels()` walks them.  Read next: `launching.py`, `elementwise.py`.
"""

import functools
import importlib
import inspect
import pkgutil
import types

import numpy as np

from minitf.kernels.compile import from_source
from minitf.kernels.cuda.cases import Case

float32, float64 = np.float32, np.float64
int32, int64, uint32, uint64 = np.int32, np.int64, np.uint32, np.uint64

INSTALL = "pip install 'minitf[cuda]'"


class NotInstalled(ImportError):
    """numba-cuda, which compiles kernels for a GPU, is missing or hidden by Numba's old CUDA target."""


@functools.cache
def numba_cuda():
    """The module `numba.cuda` of the package numba-cuda.  Raises NotInstalled, saying what to install."""
    try:
        module = importlib.import_module("numba.cuda")
    except ImportError as error:
        raise NotInstalled(f"CUDA kernels need the package numba-cuda: {INSTALL} ({error})") from error
    if "numba_cuda" not in module.__file__:
        raise NotInstalled(
            f"CUDA kernels need the package numba-cuda; Numba's own, older CUDA target was found instead: {INSTALL} "
            "into the environment itself (numba-cuda takes its place by a .pth file, which PYTHONPATH does not read)."
        )
    for part in ("extending", "libdevice", "types"):
        importlib.import_module(f"numba.cuda.{part}")
    return module


def is_installed():
    """Whether kernels can be compiled here (a GPU to run them on is another question)."""
    try:
        numba_cuda()
    except NotInstalled:
        return False
    return True


class _Cuda:
    """What `cuda` stands for until a kernel is rebuilt for a world: its names are those of `numba.cuda`."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(numba_cuda(), name)

    def __repr__(self):
        return "<cuda: the name that kernels use>"


cuda = _Cuda()


class Device:
    """A function that kernels call.  Called from Python it is the plain function."""

    def __init__(self, function):
        self.__name__, self.__doc__, self.py_func = function.__name__, function.__doc__, function

    def __call__(self, *arguments):
        return self.py_func(*arguments)

    def __repr__(self):
        return f"<device function {self.__name__}>"


device = Device


class Intrinsic(Device):
    """A device function that is one instruction of the GPU: `lower()` makes what Numba compiles.

    The plain function says what it computes, for readers and for the simulator.
    """

    def __init__(self, function, lower):
        super().__init__(function)
        self.lower = functools.cache(lower)


def intrinsic(lower):
    """Decorate the meaning of an intrinsic with the function that makes it."""
    return lambda function: Intrinsic(function, lower)


class Kernel:
    """A kernel, with what the proofs need to know about it.

    registers    the most registers a thread may use
    vectorised   whether it must load 128 bits at a time where the arguments are float32
    threads      the number of threads of a block, where it is fixed: the compiler plans registers with it
    fused_share  the least share of FFMA, multiply and add in one, among the instructions of its inner loop
    """

    def __init__(self, function, registers=64, vectorised=False, threads=None, fused_share=0, name=None):
        functools.update_wrapper(self, function)
        self.py_func, self.name = function, name or function.__name__
        self.registers, self.vectorised = registers, vectorised
        self.threads, self.fused_share = threads, fused_share
        self.examples, self.reference = [], None
        self._special = {}

    def specialise(self, **meanings):
        """This kernel with some global names fixed, also in the device functions that it calls.

        A meaning is a scalar function, or a number that the compiler shall know: a size, say.
        """
        key = tuple(sorted(meanings.items()))
        found = self._special.get(key)
        if found is None:
            function = _specialised(self.py_func, meanings, {})
            found = Kernel(function, **self._properties, name=_name(self.name, key))
            found.reference = self.reference
            self._special[key] = found
        return found

    @property
    def _properties(self):
        return {name: getattr(self, name) for name in ("registers", "vectorised", "threads", "fused_share")}

    def equals(self, reference):
        """Decorate the NumPy function that does to its arguments what the kernel must do to them."""
        self.reference = reference
        return reference

    def example(self, grid, block, *arguments):
        """A way to try this kernel: `arguments` are made by the functions of `cases.py`, or are numbers."""
        self.examples.append(Case(grid, block, arguments))
        registry[f"{self.py_func.__module__.rpartition('.')[2]}.{self.name}"] = self
        return self

    @functools.cached_property
    def for_numba(self):
        """The function as Numba compiles it: `cuda` is numba.cuda, device functions are put into their callers."""
        return rebuild(self.py_func, numba_meaning)

    @property
    def options(self):
        """Options for the compiler, as `numba.cuda.jit` and `numba.cuda.compile_all` take them."""
        return {} if self.threads is None else {"launch_bounds": self.threads}

    @functools.cached_property
    def compiled(self):
        """The kernel for this machine's GPU: `kernel.compiled[grid, block, stream](*arguments)`."""
        return numba_cuda().jit(**self.options)(self.for_numba)

    def __repr__(self):
        return f"<CUDA kernel {self.name}>"


def _name(name, meanings):
    """The name of a special kernel: functions by their names, switches that are on; sizes are not told."""
    functions = [m.__name__.lstrip("_") for _, m in meanings if hasattr(m, "__name__")]
    return "_".join([name, *functions, *(label.lower() for label, m in meanings if m is True)])


registry = {}  # "module.name" -> kernel, of all kernels that have examples


def kernel(function=None, **properties):
    """Declare a kernel; see `Kernel` for the properties."""
    return Kernel(function, **properties) if function is not None else functools.partial(Kernel, **properties)


def all_kernels():
    """Every kernel that has examples, by "module.name"."""
    package = importlib.import_module(__package__)
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{__package__}.{module.name}")
    return dict(registry)


def kernel_from_source(source, name, scope, module, **properties):
    """A kernel of `module` whose source was generated; the names it uses are in `scope`."""
    function = from_source(source, name, scope)
    function.__module__ = module
    return Kernel(function, **properties)


# -- one function, several worlds ------------------------------------------------------------------------------


def rebuild(function, meaning, _made=None):
    """A copy of `function` in which each name from outside means `meaning(value)`.

    `meaning` returns NotImplemented for what stays as it is, or takes `Device`s and plain functions that were
    rebuilt in the same way: it is called as `meaning(value, rebuilt)`, where `rebuilt(f)` rebuilds a function.
    """
    made = {} if _made is None else _made

    def rebuilt(inner):
        return rebuild(inner, meaning, made)

    if function in made:
        return made[function]
    made[function] = function  # for those that call themselves
    changed = {}
    for name in _names_of(function.__code__):
        if name in function.__globals__:
            value = function.__globals__[name]
            found = _Module(value, meaning, rebuilt) if _is_open(value) else meaning(value, rebuilt)
            if found is not NotImplemented:
                changed[name] = found
    if changed:
        made[function] = _with_globals(function, changed)
    return made[function]


class _Module(types.ModuleType):
    """A module whose names mean something else: `scalar_math.exp`, where a function uses `scalar_math`."""

    def __init__(self, module, meaning, rebuilt):
        super().__init__(module.__name__)
        self._module, self._meaning, self._rebuilt = module, meaning, rebuilt

    def __getattr__(self, name):
        value = getattr(self._module, name)
        found = self._meaning(value, self._rebuilt)
        value = value if found is NotImplemented else found
        setattr(self, name, value)
        return value


def _is_open(value):
    """Whether a module is looked into: one of this package, or NumPy."""
    return inspect.ismodule(value) and (isinstance(value, _Module) or value is np or "minitf" in value.__name__)


def _specialised(function, meanings, made):
    if function not in made:
        changed = {}
        for name in _names_of(function.__code__) & function.__globals__.keys():
            value = meanings.get(name, function.__globals__[name])
            if isinstance(value, Device) and not isinstance(value, Intrinsic):
                inner = _specialised(value.py_func, meanings, made)
                value = value if inner is value.py_func else Device(inner)
            changed[name] = value
        changed = {n: v for n, v in changed.items() if v is not function.__globals__[n]}
        made[function] = _with_globals(function, changed) if changed else function
    return made[function]


def _names_of(code):
    inner = (c for c in code.co_consts if inspect.iscode(c))
    return {*code.co_names, *(name for c in inner for name in _names_of(c))}


def _with_globals(function, changed):
    scope = {**function.__globals__, **changed}
    copy = types.FunctionType(
        function.__code__, scope, function.__name__, function.__defaults__, function.__closure__
    )
    copy.__qualname__, copy.__module__, copy.__doc__ = function.__qualname__, function.__module__, function.__doc__
    return copy


def numba_meaning(value, rebuilt):
    """What names in a kernel mean to Numba."""
    if value is cuda:
        return numba_cuda()
    if isinstance(value, Intrinsic):
        return value.lower()
    function = _device_function(value)
    if function is None:
        return NotImplemented
    return numba_cuda().jit(rebuilt(function), device=True, inline="always")


def plain_meaning(value, rebuilt):
    """What names in a kernel mean to the simulator, but for `cuda` itself: plain Python functions."""
    function = _device_function(value)
    if function is None:
        return NotImplemented
    return rebuilt(function) if inspect.isfunction(function) else function


def _device_function(value):
    if isinstance(value, Device):
        return value.py_func
    if inspect.isfunction(value) and value.__module__.startswith("minitf"):
        return value
    return None


# -- indices ---------------------------------------------------------------------------------------------------


@device
def thread_index():
    """The number of this thread among all threads of the launch."""
    return uint32(uint32(cuda.blockIdx.x) * uint32(cuda.blockDim.x) + uint32(cuda.threadIdx.x))


@device
def thread_count():
    """How many threads the launch has: the step from an element to the next one of the same thread."""
    return uint32(uint32(cuda.gridDim.x) * uint32(cuda.blockDim.x))


@device
def give_up(status):
    """Tell the host that the data can't be taken: several threads may do so at once."""
    cuda.atomic.max(status, 0, int32(1))
