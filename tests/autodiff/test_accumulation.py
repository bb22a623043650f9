"""Gradients that reach a tensor on several ways add up."""

import numpy as np

import minitf as tf


def test_rows_of_one_matrix_that_were_looked_up_with_two_types_of_indices():
    table = tf.Variable(np.ones((4, 2), np.float32))
    rows = [tf.nn.embedding_lookup(table, np.array([1, 2], dtype)) for dtype in (np.int32, np.int64)]
    (gradient,) = tf.gradients(tf.reduce_sum(rows[0] * 3) + tf.reduce_sum(rows[1]), [table])
    assert gradient.indices.dtype == tf.int64
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        np.testing.assert_array_equal(session.run(tf.convert_to_tensor(gradient))[:, 0], [0, 4, 4, 0])
