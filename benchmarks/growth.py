"""How speed and memory grow: `python -m benchmarks.growth [--quick]` writes `docs/performance.md` and its plots.

Steps per second against batch size and layer width, beside TensorFlow where it is installed (the two take turns);
the time to plan and to run graphs of 10 to 10,000 operations; the memory of a program beside the least that any
plan could do with; what busy neighbours do.
"""

import argparse
import functools
import pathlib
import time

import minitf
from benchmarks import neighbours, on_graphs, workloads

DOCS = pathlib.Path(__file__).parent.parent / "docs"
PICTURES = DOCS / "pictures"
BATCHES, WIDTHS, SIZES = (1, 4, 16, 64, 256, 1024), (16, 64, 256, 1024), (10, 100, 1000, 10000)
MEMORY = ("W2-sgd", "W2-adam", "W3", "W4-adam", "W8", "W9")


@functools.cache
def engines():
    """{name: the TensorFlow 1 API of an engine}"""
    found = {"minitf": minitf}
    try:
        import tensorflow.compat.v1 as tensorflow
    except ImportError:
        return found
    tensorflow.disable_v2_behavior()
    return {**found, "TensorFlow": tensorflow}


def best(step, seconds, rounds=5):
    """The least time of a step, over `rounds` batches of about `seconds`."""
    for i in range(3):
        step(i)
    begin = time.perf_counter()
    step(0)
    count = max(1, int(seconds / (time.perf_counter() - begin)))
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        for i in range(count):
            step(i)
        times.append((time.perf_counter() - begin) / count)
    return min(times)


def steps_per_second(seconds, batches=BATCHES, widths=WIDTHS):
    """{"batch" or "width": {engine: [(size, steps per second), ...]}} of a multilayer perceptron with Adam."""
    found = {"batch": {}, "width": {}}
    shapes = [("batch", n, workloads.WIDE, n) for n in batches]
    shapes += [("width", n, (n, n, n, 10), 64) for n in widths]
    for what, size, layers, batch in shapes:
        for name, tf in engines().items():
            data = workloads.classified(batch, layers[0])
            step = on_graphs.perceptron(tf, layers, on_graphs.adam(tf), data)
            found[what].setdefault(name, []).append((size, 1 / best(step, seconds)))
    return found


def graph_sizes(seconds, sizes=SIZES):
    """[(operations, seconds to plan and run once, seconds of a further run)] of chains of scalar operations."""
    found = []
    for size in sizes:
        with minitf.Graph().as_default() as graph:
            x = y = minitf.placeholder(minitf.float32, [])
            for i in range(size):
                y = y * 0.5 if i % 2 else y + x
        session = minitf.Session(graph=graph)
        begin = time.perf_counter()
        session.run(y, {x: 1.0})
        planned = time.perf_counter() - begin
        found.append((size, planned, best(lambda i, s=session, y=y, x=x: s.run(y, {x: 1.0}), seconds)))
    return found


def memory(names=MEMORY):
    """[(workload, bytes of its program's memory, bytes alive in its widest moment)]"""
    found, sessions = [], []

    class Session(minitf.Session):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            sessions.append(self)

    for name in names:
        sessions.clear()
        kept, minitf.Session = minitf.Session, Session
        try:
            on_graphs.programs(minitf)[name]()(0)
        finally:
            minitf.Session = kept
        memories = [m for session in sessions for m in session.planned_memory()]
        found.append((name, *max(memories)))
    return found


# -- the page --------------------------------------------------------------------------------------------------


def plot(path, curves, x_label, y_label):
    """{name: [(x, y), ...]} on logarithmic axes, as SVG."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "minitf"}):
        figure = Figure(figsize=(5, 3), layout="constrained")
        axes = figure.subplots()
        for name, points in curves.items():
            axes.loglog(*zip(*points, strict=True), marker="o", label=name)
        axes.set(xlabel=x_label, ylabel=y_label)
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
        figure.savefig(path, format="svg", metadata={"Date": None})


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def page(speeds, sizes, memories, beside):
    """The Markdown of `docs/performance.md`."""
    graphs = table(
        ["operations", "plan and first run", "further run"],
        [[f"{n:,}", f"{p * 1e3:.1f} ms", f"{r * 1e6:.1f} µs"] for n, p, r in sizes],
    )
    each = (sizes[-1][2] - sizes[0][2]) / (sizes[-1][0] - sizes[0][0])
    memory_table = table(
        ["workload", "memory", "least possible", "ratio"],
        [[f"{n}: {workloads.WORKLOADS[n]}", f"{s / 1e6:.3f} MB", f"{b / 1e6:.3f} MB", f"{s / b:.2f}"]
         for n, s, b in memories],
    )  # fmt: skip
    parts = [
        "# How speed and memory grow",
        "Written by `python -m benchmarks.growth`; what other engines need for the same work is in "
        "[`benchmarks/results.md`](../benchmarks/results.md).",
        "## Steps per second\n\nA multilayer perceptron 784-256-128-10, trained with Adam, against the batch size; and "
        "one of three equal layers, batch 64, against their width.",
        "![steps per second against batch size](pictures/growth-batch.svg)",
        "![steps per second against layer width](pictures/growth-width.svg)",
        *(table([what, *(f"{e}, steps/s" for e in curves)], _rows(curves)) for what, curves in speeds.items()),
        "## Graphs\n\nChains of scalar operations: the time to plan a run and do it once, and that of a further run.",
        "![time of a run against the number of operations](pictures/growth-graph.svg)",
        graphs,
        f"So one more operation costs {each * 1e9:.1f} ns in a run.",
        "## Memory\n\nWhat a program takes for the values of a run, beside the bytes that are alive in its widest "
        "moment: no plan can do with less.  (Variables, fed arrays and the scratch memory of kernels are not counted.)",
        memory_table,
        f"## Busy neighbours\n\nA step while {neighbours.NEIGHBOURS} other programs keep a processor busy each: "
        "with one thread, and with as many as there are processors.",
        neighbours.table(beside),
    ]
    return "\n\n".join(parts) + "\n"


def _rows(curves):
    sizes = [size for size, _ in next(iter(curves.values()))]
    return [[f"{size:,}", *(f"{points[i][1]:,.0f}" for points in curves.values())] for i, size in enumerate(sizes)]


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description="How speed and memory grow.")
    parser.add_argument("--seconds", type=float, default=0.2, help="length of a batch (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="the smallest sizes only: to try the command")
    parser.add_argument("--docs", type=pathlib.Path, default=DOCS, help="where the page goes (%(default)s)")
    options = parser.parse_args(arguments)
    few = 2 if options.quick else None
    speeds = steps_per_second(options.seconds, BATCHES[:few], WIDTHS[:few])
    sizes = graph_sizes(options.seconds, SIZES[:few])
    memories = memory(MEMORY[:few])
    beside = neighbours.compare(*((neighbours.WORKLOADS[:1], 1, 0.01) if options.quick else ()))
    pictures = options.docs / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    plot(pictures / "growth-batch.svg", speeds["batch"], "batch size", "steps per second")
    plot(pictures / "growth-width.svg", speeds["width"], "layer width", "steps per second")
    curves = {"plan and first run": [(n, p) for n, p, _ in sizes], "further run": [(n, r) for n, _, r in sizes]}
    plot(pictures / "growth-graph.svg", curves, "operations", "seconds")
    (options.docs / "performance.md").write_text(page(speeds, sizes, memories, beside), encoding="utf-8")


if __name__ == "__main__":
    main()
