"""What `tf.Print` and `tf.print` write, and where; how assertions say what failed."""

import sys

import numpy as np
import pytest

import minitf as tf

A = np.array([[1.5, 2, 3], [4, 5, 6]], np.float32)


def run(make):
    tf.reset_default_graph()
    with tf.Session() as session:
        return session.run(make())


def test_print_writes_the_first_elements(capfd):
    run(lambda: tf.Print(tf.constant(A), [A, tf.constant("x"), tf.constant([True])], "msg "))
    run(lambda: tf.Print(tf.constant(A), [A], summarize=10))
    assert capfd.readouterr().err.splitlines() == ["msg [[1.5 2 3]...][x][1]", "[[1.5 2 3][4 5 6]]"]


def test_print_stops_after_first_n(capfd):
    tf.reset_default_graph()
    shown = tf.Print(tf.constant(1.0), [2], first_n=2)
    with tf.Session() as session:
        for _ in range(4):
            session.run(shown)
    assert capfd.readouterr().err == "[2]\n" * 2


def test_print_passes_the_gradient():
    def make():
        x = tf.constant([1.0, 2.0])
        return tf.gradients(tf.Print(x, [], first_n=0) * 3, x)[0]

    assert run(make).tolist() == [3, 3]


def test_values_in_nested_structures(capsys):
    run(lambda: tf.print("hello", {"k": tf.constant(A)}, [1, "s", tf.range(9)], sep="|", output_stream=sys.stdout))
    assert capsys.readouterr().out == "hello|{'k': [[1.5 2 3]\n [4 5 6]]}|[1, 's', [0 1 2 ... 6 7 8]]\n"


def test_print_into_a_file(tmp_path):
    path = tmp_path / "out"
    run(lambda: tf.print(tf.constant(0.1), output_stream=f"file://{path}"))
    assert path.read_text() == "0.1\n"


def test_a_failed_assertion_shows_its_data():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"assertion failed: \[no\] \[1 2 3\.\.\.\]"):
        run(lambda: tf.Assert(tf.constant(False), ["no", tf.range(1, 9)]))


def test_an_assertion_known_to_fail_fails_while_building():
    with pytest.raises(tf.errors.InvalidArgumentError, match="x == y did not hold"):
        tf.assert_equal(tf.constant(1), 2)
