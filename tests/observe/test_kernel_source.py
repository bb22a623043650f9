"""`tf.kernel_source`: the code that an operation runs."""

import types

import numpy as np
import pytest

import minitf as tf
from minitf.kernels.cuda.toolkit import is_installed
from minitf.kernels.processors import processor


@pytest.fixture(autouse=True)
def new_graph():
    tf.reset_default_graph()


def test_python_is_the_kernel_and_what_it_calls():
    y = tf.nn.elu(tf.placeholder(tf.float32, [None, 3]), name="y")
    text = tf.kernel_source(y)
    assert "def flat(begin, end, x0, out):" in text and "minitf.ops.rectifiers.Elu.scalar" in text
    assert text == tf.kernel_source("y") == tf.kernel_source(y.op)
    compile(text, "text", "exec")


def test_machine_code_is_that_of_the_element_type():
    texts = {}
    for dtype in ("float32", "float64"):
        y = tf.sqrt(tf.placeholder(dtype, [5]))
        texts[dtype] = tf.kernel_source(y, "llvm"), tf.kernel_source(y, "assembly")
    (single, single_code), (double, double_code) = texts.values()
    assert "llvm.sqrt" in single and "float" in single and "double>" not in single
    assert "double" in double
    if processor().name.startswith("x86-64-v"):
        assert "sqrtps" in single_code and "sqrtpd" in double_code  # vectors of floats, of doubles


def test_what_has_no_machine_code_says_so():
    x = tf.placeholder(tf.float32, [2])
    found = tf.py_func(lambda v: v, [x], tf.float32)
    assert "def " in tf.kernel_source(found)
    with pytest.raises(ValueError, match="no machine code"):
        tf.kernel_source(found, "assembly")
    with pytest.raises(ValueError, match="must be one of python, llvm, assembly, ptx, not 'c'"):
        tf.kernel_source(tf.abs(x), "c")


def test_a_notebook_shows_lines():
    found = tf.kernel_source(tf.abs(tf.placeholder(tf.float32, [2])))
    seen = []
    found._repr_pretty_(types.SimpleNamespace(text=seen.append), False)
    assert seen == [found] and "\n" in found and type(seen[0]) is str


def test_variables_and_unknown_sizes():
    v = tf.Variable(np.ones((3, 2), np.float32))
    update = v.assign_sub(tf.placeholder(tf.float32, [3, 2]))
    assert "def " in tf.kernel_source(update)
    with pytest.raises(ValueError, match="number of axes"):
        tf.kernel_source(tf.abs(tf.placeholder(tf.float32)))


@pytest.mark.skipif(not is_installed(), reason="numba-cuda is not installed")
def test_ptx_needs_no_gpu():
    text = tf.kernel_source(tf.nn.relu(tf.placeholder(tf.float32, [None, 3])), "ptx")
    assert ".target sm_80" in text and ".entry" in text
    with pytest.raises(ValueError, match="no kernel for a GPU"):
        tf.kernel_source(tf.py_func(lambda: 1.0, [], tf.float32), "ptx")
