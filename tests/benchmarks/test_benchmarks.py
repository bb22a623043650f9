"""The harness works; what it measures is for `make bench`."""

import pytest

from benchmarks.__main__ import main
from benchmarks.table import page, table
from benchmarks.workloads import WORKLOADS


def test_the_first_workload_on_minitf_alone(tmp_path):
    output = tmp_path / "results.md"
    options = ["--only", "W1a", "--engines", "minitf", "--rounds", "2", "--seconds", "0.02"]
    results = main([*options, "--output", str(output)])
    assert len(results["W1a"]["minitf"]) == 2
    assert 1e-7 < results["W1a"]["minitf"][0]["wall"] < 0.01
    assert "| W1a | one scalar addition, fed |" in output.read_text()


def test_an_unknown_workload_is_refused():
    with pytest.raises(SystemExit, match="W1a, W1b"):
        main(["--only", "V1"])


def test_ratios_compare_best_with_best():
    found = {"minitf": [{"wall": 2e-6}, {"wall": 4e-6}], "tensorflow": [{"wall": 3e-5}, {"wall": 9e-5}]}
    text = table({"W1a": found, "W1b": {}}, ["minitf", "tensorflow", "jax"], "wall")
    first, second = text.splitlines()[2:]
    assert first == f"| W1a | {WORKLOADS['W1a']} | 2 µs (3 µs) | 30 µs (60 µs) | **15x** |  |  |"
    assert second.endswith("|  |  |  |  |  |")
    assert "graph mode" in page({"W1a": found}, ["minitf"], "wall", 2)
