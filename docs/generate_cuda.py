"""Writes the tables of `docs/cuda.md`, what the CUDA kernels cost on paper: `python -m docs.generate_cuda`.

Nothing in them is measured: registers, shared memory and instructions are read from the machine code, operations and
memory traffic are counted in a simulated launch, and the rest follows by formulas (`minitf/kernels/cuda/estimates.py`).
"""

import functools
import importlib.metadata
import itertools
import pathlib
import re

import numpy as np

from minitf.kernels.cuda import toolkit
from minitf.kernels.cuda.cases import Case, empty, exactly, normal
from minitf.kernels.cuda.compiling import types_of
from minitf.kernels.cuda.estimates import GPUS, occupancy, roofline
from minitf.kernels.cuda.lowered import count_operations
from minitf.kernels.cuda.machine_code import machine_code
from minitf.kernels.cuda.simulator import simulate

PAGE = pathlib.Path(__file__).parent / "cuda.md"
TABLE = re.compile(r"(?P<head><!-- (?P<name>\w+): generated -->\n)(?P<body>.*?)(?P<end><!-- end -->)", re.S)
TOOLS = ("numba-cuda", "nvidia-nvjitlink", "nvidia-nvvm", "nvidia-cuda-nvdisasm")


def page(text):
    """The page with its tables made anew."""
    tables = {"versions": versions, "kernels": machine_table, "roofline": roofline_table}

    def anew(found):
        before = {name_of(line): line for line in found["body"].splitlines(keepends=True)}
        rows = tables[found["name"]]().splitlines(keepends=True)
        kept = (old if alike(old := before.get(name_of(row), ""), row) else row for row in rows)
        return f"{found['head']}\n{''.join(kept)}\n{found['end']}"

    return TABLE.sub(anew, text)


def name_of(row):
    return row.split("|")[1].strip() if row.startswith("|") else ""


def alike(old, new):
    """Whether two rows of a table differ by no more than two runs of the compiler.

    Numba walks through sets, and some kernels come out with a few instructions or registers more or less.
    """
    before, after = ([[*cell.split(" / ") * 2][:2] for cell in row.split("|")[2:-1]] for row in (old, new))
    if len(before) != len(after) or not after:
        return False
    values = zip(itertools.chain(*before), itertools.chain(*after), strict=True)
    return all(near(*(value.strip().rstrip("%") for value in pair)) for pair in values)


def near(old, new):
    if not (old.isdecimal() and new.isdecimal()):
        return old == new
    return abs(int(old) - int(new)) <= max(4, 0.2 * int(old))


def versions():
    """The tools that made the machine code; another version makes another code."""
    return "Machine code by " + ", ".join(f"{tool} {importlib.metadata.version(tool)}" for tool in TOOLS) + ".\n"


def parts(text):
    """What stands in the page's generated parts, by their names."""
    return {found["name"]: found["body"] for found in TABLE.finditer(text)}


# -- machine code ----------------------------------------------------------------------------------------------


def machine_table():
    """A row for each kernel: what it needs on each GPU."""
    kernels = dict(sorted(toolkit.all_kernels().items()))
    jobs = [(kernel, types_of(kernel.examples[0].make())) for kernel in kernels.values()]
    codes = [machine_code(jobs, architecture) for architecture in GPUS]
    head = "| kernel | threads | registers | shared memory | occupancy | limited by | instructions | inner FFMA |\n"
    return head + "|---|---|---|---|---|---|---|---|\n" + "".join(
        machine_row(name, kernel, both) for (name, kernel), *both in zip(kernels.items(), *codes, strict=True)
    )


def machine_row(name, kernel, codes):
    threads = kernel.threads or 256
    room = [occupancy(gpu, threads, c.registers, c.shared) for gpu, c in zip(GPUS.values(), codes, strict=True)]
    cells = [
        f"`{name}`", str(threads), both(c.registers for c in codes), both(c.shared for c in codes),
        both(f"{r.share:.0%}" for r in room), both(r.limit for r in room), both(len(c.instructions) for c in codes),
        both(f"{c.fused_share:.0%}" for c in codes),
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |\n"


def both(values):
    """The values for both GPUs, once where they are equal."""
    return " / ".join(dict.fromkeys(str(value) for value in values))


# -- roofline --------------------------------------------------------------------------------------------------


def elementwise(n):
    return Case(1, 64, (normal(n), normal(n), empty(n)))


def sum_of_a_row(n):
    return Case(1, 256, (normal(1, 8 * n), np.float32(0), empty(1, 1)))


def softmax(n):
    return Case(1, (32, 4), (normal(4, n), empty(4, n)))


def momentum(n):
    return Case(1, 64, (normal(n), normal(n), normal(1), normal(n), normal(1)))


def product(n, tile=16, block=(16, 16)):
    """One block's share of a matrix product: a `tile` of rows times one of columns."""
    first = exactly([0], "uint32")
    return Case(1, block, (first, first, normal(1, tile, n), normal(1, n, tile), empty(1, tile, tile)))


# Kernels whose arithmetic is worth a look, and a launch of each of size n.
LAUNCHES = {
    "elementwise.flat_scaled_relu": elementwise,
    "elementwise.flat4_scaled_relu": elementwise,
    "updates.dense_momentum": momentum,
    "reduction.fold_rows_sum": sum_of_a_row,
    "softmax.softmax": softmax,
    "matmul.naive": product,
    "matmul.tiled": product,
    "matmul.registers_vector_a_vector_b_vector_out": functools.partial(product, tile=128, block=256),
}
SIZES = {"matmul": (16, 32)}


def roofline_table():
    """A row for each kernel of LAUNCHES."""
    kernels = toolkit.all_kernels()
    head = "| kernel | operations per byte | " + " | ".join(f"{gpu.name}: at most" for gpu in GPUS.values()) + " |\n"
    return head + "|---" * (2 + len(GPUS)) + "|\n" + "".join(
        roofline_row(name, intensity(kernels[name], launch, SIZES.get(name.partition(".")[0], (256, 512))))
        for name, launch in LAUNCHES.items()
    )


def roofline_row(name, intensity):
    cells = [f"`{name}`", f"{intensity:.2f}"]
    for gpu in GPUS.values():
        most, limit = roofline(gpu, intensity)
        cells.append(f"{most / 1e12:.2f} TFLOP/s, {most / gpu.flops:.0%} ({limit})")
    return "| " + " | ".join(cells) + " |\n"


def intensity(kernel, launch, sizes):
    """Operations with float32 per byte to and from global memory that more work adds: what counts in a large launch."""
    (some, less), (more, most) = (counted(kernel, launch(n)) for n in sizes)
    return (more - some) / (most - less)


def counted(kernel, case):
    """Operations, and bytes of the sectors of global memory, of one launch."""
    report = simulate(kernel, case.grid, case.block, *case.make())
    return count_operations(kernel, case.grid, case.block, *case.make()), report.traffic


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
