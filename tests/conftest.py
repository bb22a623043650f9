"""What holds for all tests."""

import os
import pathlib

os.environ.setdefault("MINITF_CHECK", "1")  # every program that a test binds is proven: see minitf/runtime/check.py
os.environ.setdefault("MINITF_WARMUP", "off")  # no test starts a process that compiles in the background

COMPAT = pathlib.Path(__file__).parent / "compat"


def pytest_collection_modifyitems(items):
    """The switch is tested first: it can't be turned on in a process that has imported TensorFlow."""
    items.sort(key=lambda item: COMPAT not in item.path.parents)
