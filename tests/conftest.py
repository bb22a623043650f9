"""What holds for all tests."""

import pathlib

COMPAT = pathlib.Path(__file__).parent / "compat"


def pytest_collection_modifyitems(items):
    """The switch is tested first: it can't be turned on in a process that has imported TensorFlow."""
    items.sort(key=lambda item: COMPAT not in item.path.parents)
