"""The changes of `fuzz.py`, drawn by atheris, which looks at the lines that run and seeks those that did not yet.

    pip install atheris
    python -m tests.checkpoint.fuzz_by_coverage [-max_total_time=600] [-seed=1] [CORPUS]

The arguments are libFuzzer's.  The first byte of an input chooses the layer; 6 bytes are one change.  It stops at
the first file that is neither accepted nor refused, and prints the layer and the changes.
"""

import os
import sys
import tempfile

import atheris

with atheris.instrument_imports(include=["minitf.checkpoint", "minitf.ops", "minitf.training", "minitf.graph"]):
    from tests.checkpoint.fuzz import LAYERS, Samples, limit_memory, outcome


def changes_of(data):
    """[(place in [0, 1), kind, number)] of the bytes behind the first."""
    for at in range(1, len(data) - 5, 6):
        place = int.from_bytes(data[at : at + 4], "little") / 2**32
        yield place, data[at + 4] % 6, data[at + 5]


def main():
    samples = Samples(tempfile.mkdtemp())
    limit_memory()

    def try_one(data):
        changes = list(changes_of(data))[:8]
        if not changes:
            return
        layer = LAYERS[data[0] % len(LAYERS)]
        found, _ = outcome(samples, layer, changes)
        if found not in ("accepted", "refused"):
            raise AssertionError(f"LEAK {layer} {found} {changes}")

    atheris.Setup(["fuzz", "-max_len=64", *(sys.argv[1:] or ["-max_total_time=600"])], try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
