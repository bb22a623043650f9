"""Gather and scatter kernels as plain functions over arrays."""

import numpy as np
import pytest

from minitf.kernels import gathering

generator = np.random.default_rng(0)
X = generator.standard_normal((2, 3, 5, 4)).astype(np.float32).view(np.uint32)


def test_take_rows():
    indices = generator.integers(0, 5, (2, 7))
    out = np.empty((2, 3, 7, 4), np.uint32)
    assert gathering.take_rows(0, indices.size, X, indices, out) == 0
    for b in range(2):
        assert np.array_equal(out[b], X[b][:, indices[b]])


@pytest.mark.parametrize("wrong", [-1, 5])
def test_take_rows_stops_at_a_wrong_index(wrong):
    indices = np.array([[0, 1], [2, wrong]])
    assert gathering.take_rows(0, indices.size, X, indices, np.empty((2, 3, 2, 4), np.uint32)) == 1


def test_take_places():
    x = X.reshape(1, 30, 4)
    indices = generator.integers(0, 3, (1, 6, 2))
    out = np.empty((1, 6, 4), np.uint32)
    assert gathering.take_places(x, np.array([6, 5]), indices, out) == 0
    assert np.array_equal(out[0], x[0].reshape(6, 5, 4)[indices[0, :, 0], indices[0, :, 1]])


def add(old, new):
    return old + new


def test_scatter_adds_what_meets():
    kernel = gathering.scatter_kernel(add)
    out = np.zeros((6, 2))
    indices, updates = np.array([[1, 0], [0, 2], [1, 0]]), np.arange(6.0).reshape(3, 2)
    assert kernel(np.array([2, 3]), indices, updates, out) == 0
    expected = np.zeros((6, 2))
    np.add.at(expected, [3, 2, 3], updates)
    assert np.array_equal(out, expected)


def test_scatter_writes_nothing_where_an_index_is_wrong():
    kernel = gathering.scatter_kernel(add)
    out = np.zeros((6, 2))
    assert kernel(np.array([2, 3]), np.array([[0, 0], [2, 0]]), np.ones((2, 2)), out) == 1
    assert not out.any()
