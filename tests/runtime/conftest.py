"""What the tests of loops share."""

import pytest

from minitf.runtime import loops


@pytest.fixture
def wheels(monkeypatch):
    """What was asked of the machine: for each loop, whether it could turn it."""
    found, original = [], loops.wheel_of

    def wheel_of(*arguments):
        made = original(*arguments)
        found.append(made is not None)
        return made

    monkeypatch.setattr(loops, "wheel_of", wheel_of)
    return found
