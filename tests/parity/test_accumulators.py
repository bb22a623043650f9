"""Accumulators and edit distances, against TensorFlow."""

import numpy as np
import pytest

from tests.parity.compare import check


def indices(*places):
    return np.array(places, np.int64)


@pytest.mark.parametrize("reduction", ["MEAN", "SUM"])
def test_dense_gradients_are_averaged_or_summed_and_late_ones_dropped(reduction):
    def program(tf):
        total = tf.ConditionalAccumulator(tf.float32, shape=(2,), reduction_type=reduction)
        first = total.apply_grad(np.float32([1, 2]), local_step=0)
        with tf.control_dependencies([first]):
            second = total.apply_grad(np.float32([4, 8]), local_step=1)
        with tf.control_dependencies([second]):
            count = total.num_accumulated()
        with tf.control_dependencies([count]):
            taken = total.take_grad(2)
        with tf.control_dependencies([taken]):
            late = total.apply_grad(np.float32([9, 9]), local_step=0)
        with tf.control_dependencies([late]):
            left = total.num_accumulated()
        return [count, taken, left], {}

    check(program)


@pytest.mark.parametrize("reduction", ["MEAN", "SUM"])
def test_the_mean_of_a_row_is_over_the_gradients_that_had_it(reduction):
    def program(tf):
        total = tf.SparseConditionalAccumulator(tf.float32, shape=(4, 2), reduction_type=reduction)
        first = total.apply_grad(indices(0, 2), np.float32([[1, 2], [3, 4]]), indices(4, 2))
        with tf.control_dependencies([first]):
            second = total.apply_grad(indices(2), np.float32([[5, 6]]))
        with tf.control_dependencies([second]):
            rows = total.take_grad(2)
        return list(rows), {}

    check(program)


@pytest.mark.parametrize("normalize", [True, False])
def test_edit_distance(normalize):
    def program(tf):
        hypothesis = tf.SparseTensor(indices([0, 0, 0], [1, 0, 0], [1, 0, 1]), ["a", "b", "c"], indices(2, 1, 2))
        truth = tf.SparseTensor(indices([0, 1, 0], [1, 0, 0], [1, 1, 0]), ["a", "c", "c"], indices(2, 2, 1))
        return tf.edit_distance(hypothesis, truth, normalize=normalize), {}

    check(program, names=True)
