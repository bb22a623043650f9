"""Checkpoints and event files beside TensorFlow's and safetensors', in one process.

    python -m benchmarks.checkpoints [--megabytes 420] [--rounds 7] [--folder FOLDER]

The competitors take turns in each round, and the table gives medians.  `+ fsync` means that the file is on the disk
when the call returns; minitf never returns before, TensorFlow and safetensors do, so a sync is added to theirs.
TensorFlow and safetensors are left out where they are not installed.  The table goes to `benchmarks/checkpoints.md`.
"""

import argparse
import importlib.metadata
import os
import pathlib
import shutil
import statistics
import tempfile
import time

import numpy as np

import minitf
from minitf.checkpoint.bundle import write_bundle
from minitf.checkpoint.reader import BundleReader

RESULTS = pathlib.Path(__file__).parent / "checkpoints.md"
KEYS, EVENTS = 20_000, 20_000


def sync(folder):
    """Put every file of a folder on the disk."""
    for path in pathlib.Path(folder).iterdir():
        file = os.open(path, os.O_RDONLY)
        os.fsync(file)
        os.close(file)


def make_tensors(megabytes):
    """Large and small arrays, as networks have them: of 4 MB and of 4 kB, as many of each."""
    rng = np.random.default_rng(0)
    tensors = {}
    for i in range(max(1, round(megabytes * 1e6 / (4 * 1024 * 1024)))):
        tensors[f"layer_{i}/kernel"] = rng.standard_normal((1024, 1024), dtype=np.float32)
        tensors[f"layer_{i}/bias"] = rng.standard_normal(1024, dtype=np.float32)
    return tensors


class Model:
    """The tensors as the variables of a graph in a session of `tf`, and a Saver."""

    def __init__(self, tf, tensors):
        self.graph = tf.Graph()
        with self.graph.as_default():
            variables = [tf.get_variable(n, a.shape, tf.float32, tf.zeros_initializer()) for n, a in tensors.items()]
            self.saver = tf.train.Saver()
        self.session = tf.Session(graph=self.graph)
        for variable, array in zip(variables, tensors.values(), strict=True):
            self.session.run(variable.initializer, {variable.initial_value: array})

    def save(self, folder):
        return self.saver.save(self.session, os.path.join(folder, "model"), write_meta_graph=False)

    def restore(self, folder):
        self.saver.restore(self.session, os.path.join(folder, "model"))


def competitors(tensors):
    """{name: (function of a folder that writes, function that reads what it wrote)}"""
    own = Model(minitf, tensors)
    found = {
        "minitf Saver": (own.save, own.restore),
        "minitf reader": (lambda f: write_bundle(f"{f}/model", tensors), _read_all),
    }
    try:
        import tensorflow

        tensorflow.compat.v1.disable_v2_behavior()
        theirs = Model(tensorflow.compat.v1, tensors)
        found["TensorFlow Saver"] = (theirs.save, theirs.restore)
    except ImportError:
        pass
    try:
        from safetensors.numpy import load_file, save_file

        found["safetensors"] = (
            lambda f: save_file(tensors, f"{f}/model.safetensors"), lambda f: load_file(f"{f}/model.safetensors"),
        )  # fmt: skip
    except ImportError:
        pass
    return found


def _read_all(folder):
    reader = BundleReader(os.path.join(folder, "model"))
    return reader.get_tensors(list(reader.entries))


def measure(found, rounds, place):
    """{(competitor, what): [seconds]} of writing, writing + fsync, and reading."""
    times = {}

    def timed(key, function, *arguments):
        began = time.perf_counter()
        function(*arguments)
        times.setdefault(key, []).append(time.perf_counter() - began)

    for turn in range(rounds + 1):
        for name, (write, read) in found.items():
            folder = tempfile.mkdtemp(dir=place)

            def write_through(folder=folder, name=name, write=write):
                write(folder)
                if not name.startswith("minitf"):
                    sync(folder)

            os.sync()
            if not name.startswith("minitf"):
                timed((name, "write"), write, folder)
                shutil.rmtree(folder)
                os.mkdir(folder)
                os.sync()
            timed((name, "write + fsync"), write_through)
            timed((name, "read"), read, folder)
            shutil.rmtree(folder)
        if turn == 0:
            times.clear()  # the first round compiles, and warms caches
    return times


def measure_small(rounds, place):
    """{what: [seconds]} of opening an index of many keys, listing it, and writing scalars."""
    folder = tempfile.mkdtemp(dir=place)
    prefix = os.path.join(folder, "many")
    value = np.zeros(2, np.float32)
    write_bundle(prefix, {f"block_{i // 4}/attention/kernel_{i % 4}/Adam": value for i in range(KEYS)})
    with open(f"{prefix}.data-00000-of-00001", "r+b") as file:
        file.write(b"\xff" * (8 * KEYS))  # listing never looks at it
    times = {f"open {KEYS:,} keys": [], f"list {KEYS:,} keys": [], f"write {EVENTS:,} scalars": []}
    for _ in range(rounds):
        with minitf.summary.FileWriter(tempfile.mkdtemp(dir=folder)) as writer:
            for what, function in zip(times, (
                lambda: BundleReader(prefix), lambda: minitf.train.list_variables(prefix), lambda w=writer: _scalars(w),
            ), strict=True):  # fmt: skip
                began = time.perf_counter()
                function()
                times[what].append(time.perf_counter() - began)
    shutil.rmtree(folder)
    return times


def _scalars(writer):
    for step in range(EVENTS):
        value = minitf.Summary.Value(tag="loss", simple_value=step)
        writer.add_summary(minitf.Summary(value=[value]), step)
    writer.flush()


def table(times, small, megabytes):
    lines = ["| | MB/s (fastest) | beside minitf's Saver |", "|---|---:|---:|"]
    for what in ("write", "write + fsync", "read"):
        own = times.get(("minitf Saver", what)) or times[("minitf Saver", "write + fsync")]
        for (name, its), seconds in times.items():
            if its == what:
                middle = statistics.median(seconds)
                speed = f"{megabytes / middle:.0f} ({megabytes / min(seconds):.0f})"
                ratio = middle / statistics.median(own)
                lines.append(f"| {what}: {name} | {speed} | takes {ratio:.2f} times as long |")
    lines += ["", "| | ms (fastest) |", "|---|---:|"]
    for what, seconds in small.items():
        lines.append(f"| {what} | {statistics.median(seconds) * 1e3:.0f} ({min(seconds) * 1e3:.0f}) |")
    scalars = EVENTS / statistics.median(small[f"write {EVENTS:,} scalars"])
    return "\n".join([*lines, "", f"That is {scalars:,.0f} scalars/s."])


def _versions():
    found = []
    for package in ("numpy", "crc32c", "tensorflow", "tensorflow_cpu", "safetensors"):
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return ", ".join(found)


def page(text, megabytes, count, rounds):
    return f"""# Checkpoints

Written by `python -m benchmarks.checkpoints`: {megabytes:.0f} MB in {count} tensors, medians of {rounds} rounds,
files in the page cache when they are read; {os.cpu_count()} cores, {_versions()}.
TensorFlow checks checksums when reading, as minitf does; safetensors has none.
What is written: by the Savers data, index and state file, by the reader's row data and index, by safetensors one file;
the graph by none. `+ fsync` is minitf's own way, which also syncs the folder; for the others, a sync of each file at
the end.

{text}
"""


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checkpoints", description=__doc__.split("\n")[0])
    parser.add_argument("--megabytes", type=float, default=420)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--folder", help="where files are written (the system's temporary folder)")
    parser.add_argument("--output", type=pathlib.Path, default=RESULTS)
    options = parser.parse_args(arguments)
    tensors = make_tensors(options.megabytes)
    megabytes = sum(a.nbytes for a in tensors.values()) / 1e6
    place = tempfile.mkdtemp(dir=options.folder)
    try:
        small = measure_small(options.rounds, place)
        times = measure(competitors(tensors), options.rounds, place)
    finally:
        shutil.rmtree(place)
    text = table(times, small, megabytes)
    options.output.write_text(page(text, megabytes, len(tensors), options.rounds), encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
