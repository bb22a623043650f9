"""From a kernel to LLVM IR and to a GPU's machine code, without a GPU.

These are the steps that numba-cuda takes when a kernel is launched: Python source -> typed LLVM IR -> NVVM's LTO-IR ->
nvJitLink -> cubin.  Here they stop where one wants to look.
"""

from minitf.kernels.cuda import toolkit

ANY_GPU = (8, 0)


def types_of(arguments):
    """The Numba types of example arguments: arrays, NumPy numbers, Python's."""
    typeof = toolkit.numba_cuda().typing.typeof.typeof
    return tuple(map(typeof, arguments))


def function_of(kernel):
    """The Python function that Numba compiles for `kernel`, and the compiler's options."""
    if isinstance(kernel, toolkit.Kernel):
        return kernel.for_numba, kernel.options
    return getattr(kernel, "py_func", kernel), {}


def lower(kernel, types, architecture=ANY_GPU):
    """The name of the kernel's function in its LLVM IR, and that IR as a list of modules."""
    function, options = function_of(kernel)
    library, _ = toolkit.numba_cuda().compiler._compile_pyfunc_with_fixup(
        function, types, device=False, abi="numba", cc=architecture, lto=True, **options
    )
    return library._entry_name, library.llvm_strs
