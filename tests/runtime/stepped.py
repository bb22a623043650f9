"""Running and stepping give the same."""

import numpy as np

import minitf as tf


def both_ways(fetches, feeds=None):
    """The results of a run, which must be those of a second and of a stepped run bit for bit."""
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        found, again = sess.run(fetches, feeds), sess.run(fetches, feeds)
        stepped = sess.start(fetches, feeds).result()
    for a, b, c in zip(found, again, stepped, strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)
    return found
