"""From a kernel to LLVM IR and to a GPU's machine code, without a GPU.

These are the steps that numba-cuda takes when a kernel is launched: Python source -> typed LLVM IR -> NVVM's LTO-IR ->
nvJitLink -> cubin.  Here they stop where one wants to look.  The first step is the slow one and serves every
architecture; linking and disassembling start a program, and take many kernels at once.
"""

import importlib
import subprocess
import tempfile

from minitf.kernels.cuda import toolkit

ARCHITECTURES = {"sm_80": (8, 0), "sm_90a": (9, 0, "a")}  # A100, H100
ANY = (8, 0)


def types_of(arguments):
    """The Numba types of example arguments: arrays, NumPy numbers, Python's."""
    typeof = toolkit.numba_cuda().typing.typeof.typeof
    return tuple(map(typeof, arguments))


def function_of(kernel):
    """The Python function that Numba compiles for `kernel`, and the compiler's options."""
    if isinstance(kernel, toolkit.Kernel):
        return kernel.for_numba, kernel.options
    return getattr(kernel, "py_func", kernel), {}


def typed(kernel, types, lines=False):
    """Numba's library of the typed and lowered kernel; with `lines` its code knows its lines in the source."""
    function, options = function_of(kernel)
    library, _ = toolkit.numba_cuda().compiler._compile_pyfunc_with_fixup(
        function, types, device=False, abi="numba", cc=ANY, lto=True, lineinfo=lines, **options
    )
    return library


def lower(kernel, types):
    """The name of the kernel's function in its LLVM IR, and that IR as a list of modules."""
    library = typed(kernel, types)
    return library._entry_name, library.llvm_strs


def ptx(kernel, types):
    """The kernel in PTX, the assembly language that NVIDIA's drivers take, for the oldest of `ARCHITECTURES`."""
    function, options = function_of(kernel)
    library, _ = toolkit.numba_cuda().compiler._compile_pyfunc_with_fixup(
        function, types, device=False, abi="numba", cc=ANY, lto=False, **options
    )
    return library.get_asm_str(cc=ANY)


def link(libraries, architecture):
    """The cubin of many kernels, and what the assembler says of their registers and memory."""
    core = importlib.import_module("cuda.core")
    code = ARCHITECTURES[architecture]
    objects = [core.ObjectCode.from_ltoir(library.get_ltoir(cc=code)) for library in libraries]
    options = core.LinkerOptions(
        arch=architecture, link_time_optimization=True, lineinfo=True, ptxas_options=["-v"]
    )
    linker = core.Linker(*objects, options=options)
    cubin = linker.link("cubin").code
    log = linker.get_info_log()
    linker.close()
    return cubin, log


def disassemble(cubin):
    """The listing that NVIDIA's nvdisasm makes of a cubin, with the lines of the source."""
    finder = importlib.import_module("cuda.pathfinder")
    program = finder.find_nvidia_binary_utility("nvdisasm")
    if program is None:
        raise toolkit.NotInstalled(f"nvdisasm is missing: {toolkit.INSTALL}")
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(cubin)
        file.flush()
        return subprocess.run([program, "-c", "-g", file.name], capture_output=True, text=True, check=True).stdout
