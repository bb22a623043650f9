"""Sorted segments in the machine and in Python: the same numbers, and the same errors for ids that do not fit."""

import numpy as np
import pytest

import minitf as tf

ROWS = np.random.default_rng(0).standard_normal((6, 3)).astype(np.float32)
IDS = np.array([0, 0, 2, 3, 3, 3], np.int32)


def run(function, *arrays, known):
    """The result where the graph knows the ids (kernels serve), or only the run (NumPy does)."""
    with tf.Graph().as_default(), tf.Session() as session:
        holders = [tf.placeholder(a.dtype, a.shape) for a in arrays]
        given = [holders[0], *(tf.constant(a) for a in arrays[1:])] if known else holders
        return session.run(function(*given), dict(zip(holders, arrays, strict=True)))


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "max", "min"])
def test_segments(name):
    function = getattr(tf, f"segment_{name}")
    found = run(function, ROWS, IDS, known=True)
    np.testing.assert_allclose(found, run(function, ROWS, IDS, known=False), rtol=1e-6)
    np.testing.assert_allclose(found[3], getattr(np, name)(ROWS[3:], axis=0), rtol=1e-6)
    assert (found[1] == (name == "prod")).all()  # no row has this number


@pytest.mark.parametrize("name, root", [("sum", 0), ("mean", 1), ("sqrt_n", 0.5)])
def test_sparse_segments(name, root):
    def function(rows, indices, ids):
        return getattr(tf, f"sparse_segment_{name}")(rows, indices, ids, num_segments=5)

    indices = np.array([5, 5, 0, 1, 2, 4], np.int32)
    found = run(function, ROWS, indices, IDS, known=True)
    np.testing.assert_allclose(found[3], ROWS[[1, 2, 4]].sum(0) / 3**root, rtol=1e-6)
    np.testing.assert_allclose(found[0], 2 * ROWS[5] / 2**root, rtol=1e-6)
    assert (found[[1, 4]] == 0).all()


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("ids", [[0, 2, 1, 3, 3, 3], [-1, 0, 0, 0, 0, 0]])
def test_ids_that_are_not_sorted(ids, known):
    with pytest.raises(tf.errors.InvalidArgumentError, match="not increasing, or negative"):
        run(tf.segment_sum, ROWS, np.array(ids, np.int32), known=known)


@pytest.mark.parametrize("indices, ids", [([0, 6], [0, 1]), ([0, -1], [0, 1]), ([0, 1], [1, 0]), ([0, 1], [0, 2])])
def test_places_that_do_not_fit(indices, ids):
    def function(rows, indices, ids):
        return tf.sparse_segment_sum(rows, indices, ids, num_segments=2)

    with pytest.raises(tf.errors.InvalidArgumentError, match=r"out of range \[0, 6\)|not increasing"):
        run(function, ROWS, np.array(indices, np.int32), np.array(ids, np.int32), known=True)
