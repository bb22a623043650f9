"""What Numba compiles, declared without Numba: kernels, functions for use inside them, machine instructions.

Importing Numba takes longer than building and training a small network, and a program whose kernels lie compiled
on the disk (see `objects.py`) never needs it.  So a decorator here only remembers the function and its options;
Numba comes when something must be compiled, or when somebody calls a kernel from Python.

A kernel is an ordinary function over C-contiguous arrays and plain numbers; it writes its last arguments and
returns nothing.  A kernel that can meet bad data (an index out of range) is declared `@kernel(status=True)` and
returns 0, or a number above 0 when it gave up.  Read next: `compile.py`.
"""

import functools
import importlib
import inspect
import types as python_types

from minitf.kernels import processors


class _Later:
    """A module that is imported when something in it is first wanted."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, attribute):
        return getattr(importlib.import_module(self._name), attribute)


types, cgutils = _Later("numba.core.types"), _Later("numba.core.cgutils")
_overloads = []  # (function, what chooses, options): for Numba, when it comes
overloaded = {}  # function -> (what chooses, options): all of them


@functools.cache
def numba():
    """Numba, told what this package declared.  Whoever compiles asks for it here."""
    package = importlib.import_module("numba")
    processors.tell(package)
    extending = importlib.import_module("numba.extending")

    @extending.typeof_impl.register(Function)
    def _(function, context):
        return types.Dispatcher(function.inner)

    while _overloads:
        _register(*_overloads.pop(0))
    return package


class Function:
    """A function that Numba compiles when it is first called: `py_func` is what it was made of.

    `range` names those of the arguments begin, end, worker that a kernel begins with (see `threads.py`), `status`
    says that its result is one, `module` is where the code came from that decides on keeping it on the disk.
    """

    def __init__(self, function, **options):
        functools.update_wrapper(self, function)
        self.py_func, self.options = function, options
        self.status, self.range, self.module = False, (), function.__module__

    @functools.cached_property
    def compiled(self):
        """The function as Python calls it."""
        return self._made(bare=False)

    @functools.cached_property
    def inner(self):
        """The function as others call it that Numba compiles: a quarter of the time to compile goes into the rest."""
        return self._made(bare=True)

    def _made(self, bare):
        options = {name: value for name, value in self.options.items() if name != "noalias"}
        options["pipeline_class"] = _compiler(self.options.get("noalias", False), bare)
        function = resolved(self.py_func, but=self)
        made = numba().njit(function, **options)
        outside = function.__globals__
        outside |= {name: made for name in names_in(function.__code__) if outside.get(name) is self}  # recursion
        return made

    def __call__(self, *arguments):
        return self.compiled(*arguments)


class Instruction:
    """An intrinsic: `definition` gives its type and writes its LLVM instructions, when Numba asks."""

    def __init__(self, definition):
        self.definition = definition

    @functools.cached_property
    def compiled(self):
        numba()
        return importlib.import_module("numba.extending").intrinsic(self.definition)


class _Carray:
    """Numba's `carray`, which makes an array of an address."""

    @property
    def compiled(self):
        return numba().carray


carray = _Carray()


def resolved(function, but=None):
    """`function` with Numba's own objects in place of those declared here, among all that it uses from outside.

    All `but` one are replaced.
    """

    def replaced(value):
        if isinstance(value, Function):
            return value.inner if value is not but else value
        return value.compiled if isinstance(value, (Instruction, _Carray)) else value

    outside = dict(function.__globals__)
    outside |= {name: replaced(outside[name]) for name in names_in(function.__code__) if name in outside}
    cells = tuple(python_types.CellType(replaced(c.cell_contents)) for c in function.__closure__ or ())
    made = python_types.FunctionType(
        function.__code__, outside, function.__name__, function.__defaults__, cells or None
    )
    return functools.update_wrapper(made, function, updated=())


def names_in(code):
    """The names of globals and attributes that a code, or a code nested in it, mentions."""
    nested = [c for c in code.co_consts if isinstance(c, python_types.CodeType)]
    return dict.fromkeys([*code.co_names, *(name for c in nested for name in names_in(c))])


def kernel(function=None, *, fastmath=False, status=False):
    """Declare a kernel.  `fastmath` takes Numba's flags; never `nnan` or `ninf`: NaN must travel."""
    if function is None:
        return functools.partial(kernel, fastmath=fastmath, status=status)
    made = Function(
        function, nogil=True, error_model="numpy", fastmath=fastmath, noalias=True
    )
    made.status, made.range = status, _range(function)
    return made


@functools.cache
def _compiler(noalias, bare):
    """Numba's compiler, which promises LLVM that the arrays of a kernel do not overlap, so that its loops vectorise.

    The planner keeps that promise.  Measured: an LSTM cell over eight arrays runs 4 times faster.  A `bare` function
    has no machine code of its own and no way into it from Python: its callers get its LLVM instructions.
    """
    compiler = importlib.import_module("numba.core.compiler")

    class Compiler(compiler.Compiler):
        def __init__(self, typing_context, target_context, library, args, return_type, flags, locals):
            flags = flags.copy()
            flags.noalias = flags.noalias or noalias
            flags.no_compile = flags.no_cpython_wrapper = flags.no_cfunc_wrapper = bare
            super().__init__(typing_context, target_context, library, args, return_type, flags, locals)

        def _compile_core(self):
            made = super()._compile_core()
            if not bare:
                return made
            entry = [].append  # Numba tells functions apart by entry points, and takes builtin ones: a new one will do
            self.state.targetctx.insert_user_function(entry, made.fndesc, [made.library])
            return made._replace(entry_point=entry)

    return Compiler


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
    return Function(function, nogil=True, error_model="numpy", fastmath=fastmath, forceinline=True)


def pasted(function):
    """A function that Numba copies into its caller before compiling it."""
    return Function(function, inline="always", error_model="numpy")


def function(function):
    """A function for use inside kernels that is large enough to stay a function."""
    return Function(function, nogil=True, error_model="numpy")


def overload(function, **options):
    """Numba's `overload`: the decorated function sees types and returns what stands for `function` in kernels."""

    def declare(choose):
        overloaded[function] = choose, options
        if numba.cache_info().currsize:
            _register(function, choose, options)
        else:
            _overloads.append((function, choose, options))
        return choose

    return declare


def _register(function, choose, options):
    @functools.wraps(choose)
    def chosen(*arguments):
        return resolved(choose(*arguments))

    options = {"jit_options": {}, **options}
    options["jit_options"] = {**options["jit_options"], "pipeline_class": _compiler(False, True)}
    importlib.import_module("numba.extending").overload(function, **options)(chosen)
