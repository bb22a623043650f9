"""Nothing in minitf unpickles: a file could run anything that way."""

import pathlib
import re

SOURCES = sorted((pathlib.Path(__file__).parent.parent.parent / "minitf").rglob("*.py"))
UNSAFE = re.compile(
    r"\bimport (pickle|dill|joblib|marshal|shelve)\b|\bfrom (pickle|dill|joblib|marshal|shelve)\b|allow_pickle=True"
)


def test_no_source_unpickles():
    assert len(SOURCES) > 100
    assert [path.name for path in SOURCES if UNSAFE.search(path.read_text(encoding="utf-8"))] == []
