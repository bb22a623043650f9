"""A checkpoint that TensorFlow wrote is opened, compared and rehearsed."""

import numpy as np
import pytest

import minitf as tf
from minitf.observe.checkpoints import Checkpoint, difference

tensorflow = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")


def test_opens_checkpoints_that_tensorflow_wrote(tmp_path):
    v1 = tensorflow.compat.v1
    with tensorflow.Graph().as_default(), v1.Session() as session:
        kernel = v1.get_variable("dense/kernel", initializer=np.ones((3, 2), np.float32), use_resource=False)
        v1.get_variable("dense/bias", initializer=np.zeros(2, np.float32), use_resource=False)
        session.run(v1.global_variables_initializer())
        saver = v1.train.Saver()
        before = saver.save(session, str(tmp_path / "theirs"), 1)
        session.run(v1.assign(kernel, np.full((3, 2), 3, np.float32)))
        after = saver.save(session, str(tmp_path / "theirs"), 2)
    opened = Checkpoint(tmp_path)
    assert {n: (e.shape, e.role) for n, e in opened.entries.items()} == {
        "dense/kernel": ((3, 2), "weight"), "dense/bias": ((2,), "bias"),
    }  # fmt: skip
    assert opened.trainable == {"dense/kernel", "dense/bias"}
    changes = {c.entry.name: c for c in difference(Checkpoint(before), Checkpoint(after))}
    assert changes["dense/kernel"].status == "changed"
    assert changes["dense/bias"].note == "trainable but unchanged"
    with tf.Graph().as_default():
        tf.Variable(np.zeros((3, 2), np.float32), name="dense_1/kernel")
        assert tf.rehearse_restore(tmp_path).mapping == {"dense_1/kernel": "dense/kernel"}
