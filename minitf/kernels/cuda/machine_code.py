"""What a GPU will run: the instructions of a compiled kernel (SASS), and what one can read off them.

    machine_code([(kernel, types)], "sm_80")[0]

NVIDIA documents the names of the instructions in "CUDA Binary Utilities", their meaning hardly.  Here one needs
few: FFMA multiplies and adds float32; LDG/STG, LDS/STS, LDL/STL read and write global, shared and local memory (local
memory is a thread's own part of global memory: slow); names that begin with D, or have F64 in them, compute in float64.
"""

import dataclasses
import functools
import hashlib
import importlib.metadata
import json
import os
import pathlib
import re

from minitf.kernels import objects
from minitf.kernels.cuda.compiling import disassemble, function_of, link, typed
from minitf.kernels.cuda.toolkit import Kernel
from minitf.kernels.identity import identity
from minitf.kernels.processors import processor


@dataclasses.dataclass(frozen=True)
class Instruction:
    """One instruction: where it stands, what it does, and which line of the source asked for it."""

    address: int
    operation: str
    operands: str
    file: str
    line: int

    @property
    def name(self):
        """The operation without its modifiers: LDG for LDG.E.128."""
        return self.operation.partition(".")[0]


@dataclasses.dataclass(frozen=True)
class MachineCode:
    """The machine code of one kernel for one architecture.

    registers             per thread
    shared                bytes of shared memory per block
    stack                 bytes of local memory per thread
    stores, loads         bytes written to local memory and read from it because registers ran out
    """

    architecture: str
    registers: int
    shared: int
    stack: int
    stores: int
    loads: int
    instructions: tuple

    def matching(self, pattern):
        """The instructions whose operation begins as the regular expression says."""
        return [i for i in self.instructions if re.match(pattern, i.operation)]

    @functools.cached_property
    def loops(self):
        """The innermost loops, as lists of instructions: what lies between a jump backwards and its target."""
        jumps = [(target, i.address) for i in self.instructions if (target := _jump(i)) is not None]
        loops = [(start, end) for start, end in jumps if start < end]
        inner = [a for a in loops if not any(b != a and a[0] <= b[0] and b[1] <= a[1] for b in loops)]
        return [[i for i in self.instructions if start <= i.address <= end] for start, end in inner]

    @property
    def fused_share(self):
        """The share of FFMA among the instructions of the loop with most of them: 1 is the arithmetic limit."""
        counted = [(sum(i.name in ("FFMA", "FFMA2") for i in loop), len(loop)) for loop in self.loops]
        most, length = max(counted, default=(0, 1))
        return most / length

    def __str__(self):
        head = f"{self.architecture}: {self.registers} registers, {self.shared} bytes of shared memory"
        return "\n".join(
            [head, *(f"{i.address:5x}  line {i.line:4}  {i.operation} {i.operands}" for i in self.instructions)]
        )


def _jump(instruction):
    """The address that a branch jumps to."""
    found = re.search(r"`\((\d+)\)", instruction.operands) if instruction.name == "BRA" else None
    return None if found is None else int(found[1])


# -- compiling many kernels at once, and remembering -------------------------------------------------------------


def machine_code(jobs, architecture, remember=True):
    """The `MachineCode` of each (kernel, Numba types of its arguments) in `jobs`, for "sm_80" or "sm_90a".

    With `remember`, kernels of this package are compiled again only when their source has changed.
    """
    paths = [_path(kernel, types, architecture) if remember else None for kernel, types in jobs]
    found = [_recall(path) for path in paths]
    missing = [n for n, code in enumerate(found) if code is None]
    for n, code in zip(missing, _compiled([jobs[n] for n in missing], architecture), strict=True):
        found[n] = code
        if paths[n]:
            _keep(paths[n], code)
    return found


@functools.lru_cache(maxsize=1024)
def _typed(kernel, types):
    """Typing is the slow step, and the same for all architectures."""
    return typed(kernel, types, lines=True)


def _compiled(jobs, architecture):
    if not jobs:
        return []
    libraries = [_typed(kernel, types) for kernel, types in jobs]
    cubin, log = link(libraries, architecture)
    listings, resources = _by_kernel(disassemble(cubin)), _resources(log)
    return [
        MachineCode(architecture, *resources[name], _instructions(listings[name]))
        for name in (library._entry_name for library in libraries)
    ]


@functools.cache
def _versions():
    packages = ("numba", "numba-cuda", "nvidia-nvjitlink", "nvidia-nvvm", "nvidia-cuda-nvdisasm")
    return [importlib.metadata.version(package) for package in packages]


@functools.cache
def _language():
    """The source of what kernels are written in, which they use in ways that their identity does not see."""
    files = [pathlib.Path(__file__).with_name(f"{name}.py") for name in ("toolkit", "intrinsics", "scalars")]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _path(kernel, types, architecture):
    """Where the machine code of this kernel is kept; None for a kernel of another package, which is not kept."""
    function = getattr(kernel, "py_func", kernel)
    if not (isinstance(kernel, Kernel) and function.__module__.startswith("minitf.")):
        return None
    parts = [identity(function), kernel.name, function_of(kernel)[1], types, architecture, _versions(), _language()]
    name = hashlib.sha256(repr(parts).encode()).hexdigest()[:24]
    return os.path.join(objects.folder(processor()), f"sass-{name}.json")


def _recall(path):
    if path is None or not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        fields = json.load(file)
    fields["instructions"] = tuple(Instruction(*i) for i in fields["instructions"])
    return MachineCode(**fields)


def _keep(path, code):
    with open(f"{path}.{os.getpid()}", "w", encoding="utf-8") as file:
        json.dump({**vars(code), "instructions": [dataclasses.astuple(i) for i in code.instructions]}, file)
    os.replace(file.name, path)


# -- reading what the tools print ------------------------------------------------------------------------------

FIELDS = {
    "registers": r"Used (\d+) registers",
    "shared": r"(\d+) bytes smem",
    "stack": r"(\d+) bytes stack frame",
    "stores": r"(\d+) bytes spill stores",
    "loads": r"(\d+) bytes spill loads",
}
LINE = re.compile(
    r'//## File "(?P<file>[^"]*)", line (?P<line>\d+)'
    r"|^(?P<label>\.L_x_\d+):"
    r"|/\*(?P<address>[0-9a-f]{4,})\*/\s+(?:@!?U?P\w+\s+)?(?P<operation>[A-Z][A-Z0-9_.]*)(?P<operands>[^;]*);",
    re.M,
)


def _resources(log):
    """What the assembler's log says of each kernel, in the order of FIELDS."""
    parts = re.split(r"Compiling entry function '([^']*)'", log)[1:]
    return {
        name: [int((re.search(pattern, text) or (0, 0))[1]) for pattern in FIELDS.values()]
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


def _by_kernel(listing):
    parts = re.split(r"^\s*\.section\s+\.text\.([^,\s]+).*$", listing, flags=re.M)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _instructions(listing):
    """The instructions of one kernel, without the padding after its end; jumps are to `(address)."""
    found, labels, waiting = [], {}, []
    file, line, fresh = "", 0, True
    for match in LINE.finditer(listing):
        if match["file"] is not None:
            if fresh:  # of several, the first is the innermost: an inlined function's own line
                file, line = match["file"], int(match["line"])
            fresh = False
        elif match["label"]:
            waiting.append(match["label"])
        else:
            address, fresh = int(match["address"], 16), True
            labels.update(dict.fromkeys(waiting, address))
            waiting = []
            found.append((address, match["operation"], match["operands"].strip(), file, line))
    last = max((n for n, i in enumerate(found) if i[1] != "NOP"), default=-1)
    return tuple(_resolved(Instruction(*i), labels) for i in found[: last + 1])


def _resolved(instruction, labels):
    operands = re.sub(r"`\((\.L_x_\d+)\)", lambda m: f"`({labels.get(m[1], m[1])})", instruction.operands)
    return dataclasses.replace(instruction, operands=operands)
