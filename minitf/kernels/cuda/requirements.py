"""What a kernel's machine code must be: no slow memory, no float64 by mistake, registers within its budget."""

import dataclasses

# F2F.F64.F32 widens, DADD and the like compute; MUFU.RCP64H begins a float64 division.
FLOAT64 = r"D(ADD|MUL|FMA|SETP|MNMX)\b|.*F64|.*64H$"
LOCAL = r"(LDL|STL)\b"
WIDE_LOAD = r"LDG\..*128\b"


@dataclasses.dataclass(frozen=True)
class Complaint:
    """One thing that is not as it must be.  `line` is that of the source: the first, where it is the whole kernel.

    kind   "stack", "spill", "local memory", "float64", "registers", "narrow loads", "arithmetic"
    """

    kind: str
    message: str
    file: str
    line: int

    def __str__(self):
        return f"{self.kind}, line {self.line}: {self.message}"


def complaints(kernel, types, code):
    """What is wrong with `code`, the machine code of `kernel` for arguments of these Numba types."""
    return [
        Complaint(kind, message, *_where(kernel, instructions))
        for kind, message, instructions in (*_memory(code), *_arithmetic(kernel, types, code), *_budget(kernel, code))
    ]


def _where(kernel, instructions):
    """File and line of the first of these instructions; of the kernel, if there are none."""
    if instructions:
        return instructions[0].file, instructions[0].line
    code = kernel.py_func.__code__
    return code.co_filename, code.co_firstlineno


def _memory(code):
    found = code.matching(LOCAL)
    if code.stack:
        yield "stack", f"{code.stack} bytes of stack: an array is indexed by what only the run knows", found
    if code.stores or code.loads:
        yield "spill", f"registers ran out: {code.stores} bytes stored, {code.loads} loaded again", found
    if found and not code.stack:
        yield "local memory", f"{len(found)} accesses to local memory", found


def _arithmetic(kernel, types, code):
    found = code.matching(FLOAT64)
    if found and "float64" not in repr(types):
        yield "float64", f"{len(found)} instructions, the first {found[0].operation}: write float32(...)", found
    if code.fused_share < kernel.fused_share:
        fused = code.matching("FFMA")
        share = f"{code.fused_share:.0%} of the inner loop are FFMA, not {kernel.fused_share:.0%}"
        yield "arithmetic", share, fused


def _budget(kernel, code):
    if code.registers > kernel.registers:
        yield "registers", f"{code.registers} registers per thread; its budget is {kernel.registers}", []
    if kernel.vectorised and not code.matching(WIDE_LOAD):
        yield "narrow loads", "no load of 128 bits", code.matching("LDG")
