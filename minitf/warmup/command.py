"""What `minitf warmup` does: standard programs in several processes, and a line that says how far they are."""

import concurrent.futures
import functools
import multiprocessing
import os
import random
import sys
import time
import warnings

from minitf.kernels import compile as kernels
from minitf.kernels.processors import processor


def warm_up(processes=None, output=sys.stderr, wanted=""):
    """Run the standard programs, so that every kernel they need is compiled; returns the names of the kernels.

    `processes`: how many at once; as many as there are processors by default.  `wanted`: a part of the names of
    the programs that are run.  `output`: where it says how far it is; None for nowhere.
    """
    numbers = [n for n, (name, _) in enumerate(programs()) if wanted in name]
    used, failed, compiled, count, started = set(), [], 0, len(numbers), time.time()
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(processes or os.cpu_count() or 1, context) as pool:
        runs = [pool.submit(_run, number) for number in _shuffled(numbers)]
        for done, run in enumerate(concurrent.futures.as_completed(runs), 1):
            name, names, fresh, error = run.result()
            used.update(names)
            compiled += fresh
            if error:
                failed.append(f"{name}: {error}")
            _say(output, done, count, compiled, time.time() - started)
    if failed and output is not None:
        print("These failed:", *failed, sep="\n", file=output)
    return used


@functools.cache
def programs():
    """[(name, function that runs it)] of all standard programs."""
    from minitf.warmup import models, operations

    return models.programs() + operations.programs()


def _shuffled(numbers):
    """In an order in which neighbours do not wait for each other's kernels; the same in every run."""
    return random.Random(0).sample(numbers, len(numbers))


def _run(number):
    """In another process: (name of the program, names of the kernels it used, how many were compiled, error)."""
    if hasattr(os, "nice"):
        os.nice(max(0, 10 - os.nice(0)))  # whoever works on this machine goes first
    name, program = programs()[number]
    used, fresh, error = len(kernels.used), len(kernels.fresh), ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program()
    except Exception as found:  # one that this machine can't run must not keep the others from it
        error = f"{type(found).__name__}: {found}".splitlines()[0]
    return name, kernels.used[used:], len(kernels.fresh) - fresh, error


def _say(output, done, count, compiled, seconds):
    if output is None:
        return
    end = "\n" if done == count or not output.isatty() else ""
    if end == "" or done == count or done % 100 == 0:
        start = "\r" if output.isatty() else ""
        text = f"{processor().name}: {done} of {count} programs, {compiled} kernels compiled, {seconds:.0f} s"
        print(f"{start}{text}", end=end, file=output, flush=True)
