"""What was measured, as a Markdown table of times and ratios."""

import importlib.metadata
import os
import pathlib
import platform
import statistics

from benchmarks.workloads import WORKLOADS

PACKAGES = {
    "minitf": ["numba"], "tensorflow": ["tensorflow", "tensorflow-cpu"], "torch": ["torch"], "jax": ["jax"],
    "numpy": ["numpy"],
}  # fmt: skip


def table(results, engines, clock):
    """`results` {workload: {engine: [{"wall", "cpu"}]}} as Markdown; times by `clock`."""
    others = [engine for engine in engines if engine != "minitf"]
    head = ["", "workload", "minitf", *[f"{other} | ratio" for other in others]]
    lines = [f"| {' | '.join(head)} |", "|---|---|" + "---:|" * (1 + 2 * len(others))]
    for workload, found in results.items():
        lines.append(f"| {workload} | {WORKLOADS[workload]} | {' | '.join(_cells(found, others, clock))} |")
    return "\n".join(lines)


def _cells(found, others, clock):
    own = _times(found.get("minitf"), clock)
    yield _shown(own)
    for other in others:
        theirs = _times(found.get(other), clock)
        yield _shown(theirs)
        yield _ratio(min(theirs) / min(own)) if own and theirs else ""


def _ratio(ratio):
    return f"**{ratio:.0f}x**" if ratio >= 10 else f"**{ratio:.2g}x**"


def _times(answers, clock):
    return [answer[clock] for answer in answers or ()]


def _shown(times):
    return f"{_duration(min(times))} ({_duration(statistics.median(times))})" if times else ""


def _duration(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


def page(results, engines, clock, rounds):
    """The whole file: how it was measured, on what, and the table."""
    timed = "wall-clock time" if clock == "wall" else "CPU time of all threads (which counts waiting in a loop)"
    return f"""# Benchmarks

Written by `python -m benchmarks`. Each cell is the best of {rounds} batches with the median in brackets,
in {timed} for one step; a ratio above 1 says that minitf is faster (best against best).
TensorFlow is `tensorflow.compat.v1` in graph mode and runs the very same program as minitf; PyTorch runs
eagerly, JAX under `jit`. float32 throughout.

{_machine()}; {_versions(engines)}.

{table(results, engines, clock)}
"""


def _machine():
    info = pathlib.Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    processor = names[0] if names else platform.machine()
    return f"{processor}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _versions(engines):
    used = [names for engine, names in PACKAGES.items() if engine in engines]
    return ", ".join(f"{names[0]} {_version(names)}" for names in used)


def _version(names):
    for name in names:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "(not installed)"
