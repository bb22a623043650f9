"""The tutorials run from the first cell to the last, and learn what they say they learn."""

import pathlib
import re
import subprocess
import sys

import pytest

from minitf.observe.describe import GRAPH_MIME
from minitf.observe.describe_checkpoint import CHECKPOINT_MIME
from minitf.observe.describe_tensor import TENSOR_MIME
from minitf.observe.describe_training import TRAINING_MIME

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("sklearn")

TUTORIALS = pathlib.Path(__file__).parent.parent / "tutorials"
NOTEBOOKS = sorted(TUTORIALS.glob("*.ipynb"))


def executed(path, folder):
    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


def outputs(notebook):
    return [(cell, output) for cell in notebook.cells for output in cell.get("outputs", [])]


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return executed(TUTORIALS / "01_graph_and_session.ipynb", tmp_path_factory.mktemp("elsewhere"))


def test_the_network_learns_to_read(first):
    (line,) = [o.text for _, o in outputs(first) if o.output_type == "stream" and "test pictures" in o.text]
    assert float(re.match(r"([\d.]+)%", line).group(1)) >= 95


def test_graphs_and_curves_are_drawn(first):
    graphs = [o.data for _, o in outputs(first) if GRAPH_MIME in o.get("data", {})]
    assert len(graphs) == 3
    assert all(data["image/svg+xml"].startswith("<svg") for data in graphs)
    assert "hidden" in graphs[1]["text/plain"]
    pictures = [cell for cell, o in outputs(first) if "image/png" in o.get("data", {})]
    assert any("Curves" in cell.source for cell in pictures) and len(pictures) >= 3


def test_the_mistakes_made_on_purpose_are_explained(first):
    errors = [(cell, o) for cell, o in outputs(first) if o.output_type == "error"]
    assert all("raises-exception" in cell.metadata.tags for cell, _ in errors)
    (_, not_fed), (_, not_fitting) = errors
    assert not_fed.ename == "InvalidArgumentError" and not_fitting.ename == "ValueError"
    for word in ("points", "cell ["):
        assert word in not_fed.evalue
    for word in ("MatMul", "[4, 3], [2, 5]", "cell ["):
        assert word in not_fitting.evalue


def test_a_run_is_taken_step_by_step(first):
    (text,) = [o.text for cell, o in outputs(first) if "run.next" in cell.source]
    assert "hidden/Relu" in text and "scores/BiasAdd" in text


def test_kernels_are_tried_without_a_gpu(tmp_path):
    pytest.importorskip("numba_cuda")
    notebook = executed(TUTORIALS / "06_cuda_without_a_gpu.ipynb", tmp_path)
    shown = {cell.source.split("\n")[1]: "" for cell in notebook.cells if "@kernel" in cell.source}
    for cell, output in outputs(notebook):
        assert output.output_type != "error"
        if "@kernel" in cell.source:
            shown[cell.source.split("\n")[1]] += output.get("text", "") + str(output.get("data", ""))
    assert "largest error: nan" in shown["def hasty(a, b, c):"] and "race" in shown["def hasty(a, b, c):"]
    assert "race" in shown["def careless(a, b, c):"] and "race" not in shown["def tiled(a, b, c):"]
    assert "uncoalesced, line 15" in shown["def sum_columns(matrix, sums):"]
    assert shown["def transpose(matrix, out):"].count("bank conflict") == 1
    assert shown["def transpose(matrix, out):"].count("right: True") == 2


@pytest.fixture(scope="module")
def seeing_training(tmp_path_factory):
    return executed(TUTORIALS / "03_seeing_training.ipynb", tmp_path_factory.mktemp("training"))


def test_the_training_that_is_seen_learns(seeing_training):
    (line,) = [o.text for _, o in outputs(seeing_training) if o.output_type == "stream" and "test pictures" in o.text]
    assert float(re.match(r"([\d.]+)%", line).group(1)) >= 85


def test_values_curves_and_checkpoints_are_drawn(seeing_training):
    shown = [o.data for _, o in outputs(seeing_training) if "data" in o]
    mimes = TENSOR_MIME, TRAINING_MIME, CHECKPOINT_MIME
    tensors, trainings, tables = ([data[mime] for data in shown if mime in data] for mime in mimes)
    assert len(tensors) == 2 and len(tables) == 4
    learned, rates, bar = trainings
    assert [curve["count"] for curve in learned["series"]] == [300, 300] and learned["progress"]["over"]
    assert any("the steps are too large" in caption["text"] for caption in rates["captions"])
    assert bar["progress"]["done"] == 200
    assert tables[2]["counts"]["shape"] == 2


def test_the_answers_are_in_words(seeing_training):
    texts = [o.get("text", "") or o.get("data", {}).get("text/plain", "") for _, o in outputs(seeing_training)]
    for words in ("xent/Log (cell [", "hidden/Relu:0[0, :]", "set by Const in cell [", "the hidden layer was restored"):
        assert any(words in text for text in texts), words


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_are_kept_without_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    ran = [cell for cell in notebook.cells if cell.get("outputs") or cell.get("execution_count")]
    assert not ran
    assert [cell.id for cell in notebook.cells] == list(dict.fromkeys(cell.id for cell in notebook.cells))


def said(notebook):
    """Everything that the cells printed."""
    return "".join(o.text for _, o in outputs(notebook) if o.output_type == "stream")


def test_what_another_network_learned_is_worth_something(tmp_path):
    have = [sys.executable, "-m", "pip", "download", "--no-deps", "-d", str(tmp_path), "guesslang==2.2.1"]
    if subprocess.run(have, capture_output=True, timeout=120).returncode:
        pytest.skip("guesslang can't be downloaded")
    text = said(executed(TUTORIALS / "04_transfer_learning.ipynb", tmp_path))
    transferred, random = map(float, re.search(r"layer: ([\d.]+)%    random layer: ([\d.]+)%", text).groups())
    assert transferred > random + 5
    assert text.split("%")[0].startswith("py ") and "largest difference" in text


def test_half_of_the_digits_help_with_the_other_half(tmp_path):
    text = said(executed(TUTORIALS / "05_fine_tuning.ipynb", tmp_path))
    early = {name: float(found) for name, found in re.findall(r"(from scratch|fine-tuned|frozen) +([\d.]+)%", text)}
    assert early["fine-tuned"] > early["from scratch"] + 10 and early["frozen"] > early["from scratch"]
    assert "resumed from high-40" in text and "bit for bit" in text
