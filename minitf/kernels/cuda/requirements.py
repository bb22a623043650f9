"""What a kernel's machine code must be: no slow memory, no float64 by mistake, registers within its budget."""

import dataclasses

# F2F.F64.F32 widens, DADD and the like compute; MUFU.RCP64H begins a float64 division.
FLOAT64 = r"D(ADD|MUL|FMA|SETP|MNMX)\b|.*F64|.*64H$"
LOCAL = r"(LDL|STL)\b"
WIDE_LOAD = r"LDG\..*128\b"


@dataclasses.dataclass(frozen=True)
class Complaint:
    """One thing that is not as it must be.  `line` is that of the source, or None where it is the whole kernel.

    kind   "stack", "spill", "local memory", "float64", "registers", "narrow loads", "arithmetic"
    """

    kind: str
    message: str
    file: str = ""
    line: int | None = None

    def __str__(self):
        return f"{self.kind}{f', line {self.line}' if self.line else ''}: {self.message}"


def complaints(kernel, types, code):
    """What is wrong with `code`, the machine code of `kernel` for arguments of these Numba types."""
    return list(_memory(code)) + list(_arithmetic(kernel, types, code)) + list(_budget(kernel, code))


def _memory(code):
    found = code.matching(LOCAL)
    if code.stack:
        yield _at(found, "stack", f"{code.stack} bytes of stack: an array is indexed by what only the run knows")
    if code.stores or code.loads:
        yield _at(found, "spill", f"registers ran out: {code.stores} bytes stored, {code.loads} loaded again")
    if found and not code.stack:
        yield _at(found, "local memory", f"{len(found)} accesses to local memory")


def _arithmetic(kernel, types, code):
    found = code.matching(FLOAT64)
    if found and "float64" not in repr(types):
        yield _at(found, "float64", f"{len(found)} instructions, the first {found[0].operation}: write float32(...)")
    if code.fused_share < kernel.fused_share:
        yield Complaint(
            "arithmetic", f"{code.fused_share:.0%} of the inner loop are FFMA, not {kernel.fused_share:.0%}"
        )


def _budget(kernel, code):
    if code.registers > kernel.registers:
        yield Complaint("registers", f"{code.registers} registers per thread; its budget is {kernel.registers}")
    if kernel.vectorised and not code.matching(WIDE_LOAD):
        yield Complaint("narrow loads", "no load of 128 bits")


def _at(instructions, kind, message):
    """The complaint on the line of the first of these instructions, if there are any."""
    first = instructions[0] if instructions else None
    return Complaint(kind, message, first.file, first.line) if first else Complaint(kind, message)
