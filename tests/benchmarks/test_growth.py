"""The page on growth is written; its numbers are for `python -m benchmarks.growth`."""

import re

import minitf
from benchmarks import growth


def test_the_page_and_its_plots(tmp_path, monkeypatch):
    monkeypatch.setattr(growth, "engines", lambda: {"minitf": minitf})
    growth.main(["--quick", "--seconds", "0.005", "--docs", str(tmp_path)])
    text = (tmp_path / "performance.md").read_text()
    for picture in re.findall(r"\]\((pictures/.*?\.svg)\)", text):
        assert (tmp_path / picture).read_text().count("<path") > 5
    assert "| 100 |" in text and "W2-sgd" in text


def test_memory_is_counted_as_planned():
    ((name, size, bound),) = growth.memory(["W2-sgd"])
    assert name == "W2-sgd" and 500_000 < bound <= size <= 1.2 * bound
