"""An array as JSON: complete, small, and equal to the TypeScript contract."""

import json

import numpy as np
import pytest

import minitf as tf
from minitf.observe.describe_tensor import (
    TENSOR_MIME,
    TENSOR_VERSION,
    as_html,
    describe_symbol,
    describe_tensor,
)


@pytest.fixture
def described():
    array = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    array[0, 1, 2], array[0, 0, 1] = np.nan, -2.5
    return describe_tensor(array, name="x <script>")


def test_typescript_reads_what_python_writes(described, sample):
    sample("tensor", described)
    sample("tensor_of_strings", describe_tensor(np.array([b"<b>bold</b>", "two"], object), name="words"))


def test_both_sides_have_the_same_fields(described, fields, contract):
    assert set(described) == fields("tensor", "Tensor")
    assert set(described["summary"]) == fields("tensor", "Summary")
    assert set(described["histogram"]) == fields("tensor", "Histogram")
    optional = {"data", "text", "low", "high"}
    assert set(described["tile"]) - optional == {f for f in fields("tensor", "Tile") if f[-1] != "?"}
    assert set(described["pictures"][0]) - optional == {f for f in fields("tensor", "Picture") if f[-1] != "?"}
    assert f"TENSOR_VERSION = {TENSOR_VERSION};" in contract("tensor") and f"'{TENSOR_MIME}'" in contract("tensor")


@pytest.mark.parametrize("array", [
    np.zeros(()), np.zeros(0), np.array([np.nan, np.inf]), np.array([True]), np.array([1j]), np.array("text"),
    np.array([2**63 - 1]), np.zeros((2, 0, 3)), np.zeros((1, 1, 1, 1, 1)),
])  # fmt: skip
def test_any_array_is_plain_json(array):
    found = describe_tensor(array)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert as_html(found)


def test_first_paint_of_a_large_tensor_is_small():
    # 10^8 elements without their memory: only the view's own passes over them cost
    array = np.broadcast_to(np.linspace(-1, 1, 10_000), (10_000, 10_000))
    found = describe_tensor(array, known=describe_tensor(array[:1])["summary"] | {"shape": [10_000, 10_000]})
    assert len(json.dumps(found)) <= 64_000
    noise = np.random.default_rng(0).integers(0, 255, (200, 300, 300, 3), dtype=np.uint8)
    known = describe_tensor(noise[:1])["summary"]
    assert len(json.dumps(describe_tensor(noise, known=known))) <= 64_000
    assert len(json.dumps(describe_tensor(np.array(["x" * 10_000] * 5000, object)))) <= 64_000


def test_the_fallback_is_html_in_which_nothing_runs(described):
    page = as_html(described)
    assert "<script" not in page and "x &lt;script&gt;" in page
    assert "<td>nan</td>" in page and "<svg" in page and 'src="data:image/png;base64,' in page
    assert "&lt;b&gt;bold" in as_html(describe_tensor(np.array([b"<b>bold</b>"], object)))


def test_the_text_is_a_twin(described):
    assert described["text"].startswith("x <script>: (2, 3, 4) float32, 96 B: min -2.5, max 23")


def test_a_tensor_without_values_says_what_is_known():
    with tf.Graph().as_default():
        y = tf.matmul(tf.placeholder(tf.float32, [None, 3], name="x"), tf.ones([3, 4]), name="y")
        found = describe_symbol(y)
    assert found["line"].startswith("float32 (?, 4), made by MatMul in ")
    assert "? is axis 0 of y:0" in found["why"] and found["tile"] is None
