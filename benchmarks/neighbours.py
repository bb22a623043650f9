"""What busy neighbours do: `python -m benchmarks.neighbours` prints the table that `docs/performance.md` has.

Two other programs keep two processors busy, and minitf takes turns with itself: in one process with a single
thread, in the other with as many as there are processors.  Threads that wait for each other would make the second
one slower; here whoever has a processor does the work.
"""

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile

from benchmarks.driver import Engine, measure

WORKLOADS = ("W2-sgd", "W3", "W5-1024", "W6", "W7-softmax", "W8")
NEIGHBOURS = 2


@contextlib.contextmanager
def neighbours(count=NEIGHBOURS):
    """Programs that do nothing but keep a processor busy each."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def engine(threads, log):
    """A process of minitf with so many threads (None: as many as there are processors)."""
    before = os.environ.pop("MINITF_NUM_THREADS", None)
    try:
        if threads is not None:
            os.environ["MINITF_NUM_THREADS"] = str(threads)
        made = Engine("minitf", log)
    finally:
        os.environ.pop("MINITF_NUM_THREADS", None)
        if before is not None:
            os.environ["MINITF_NUM_THREADS"] = before
    made.name = threads
    return made


def compare(names=WORKLOADS, rounds=9, seconds=0.5):
    """[(workload, median seconds of a step with one thread, with all)] beside the neighbours."""
    found = []
    with tempfile.TemporaryFile("w+") as log, neighbours():
        workers = [engine(1, log), engine(None, log)]
        try:
            for name in names:
                answers = measure(name, workers, rounds, seconds)
                medians = [statistics.median(a["wall"] for a in answers[threads]) for threads in (1, None)]
                found.append((name, *medians))
        finally:
            for worker in workers:
                worker.close()
    return found


def table(found):
    """The page's lines for what `compare` gives."""
    rows = [f"| {n} | {1e3 * one:,.3g} ms | {1e3 * many:,.3g} ms | {many / one:.2f} |" for n, one, many in found]
    head = "| workload | one thread | all threads | ratio |"
    return "\n".join([head, "|---|---|---|---|", *rows])


if __name__ == "__main__":
    print(table(compare()))
