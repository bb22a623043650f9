"""SyncReplicasOptimizer without threads: the first step is TensorFlow's.

Later ones have no judge: there a token is read while the step is written, and may be that of the step before.
"""

import numpy as np
import pytest

import minitf
from tests.parity.compare import judge


def steps(tf, needed, workers, averages):
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [2])
        w = tf.get_variable("w", initializer=[1.0, 2.0])
        table = tf.get_variable("table", [3, 1], initializer=tf.zeros_initializer())
        unused = tf.get_variable("unused", initializer=1.0)
        step = tf.train.get_or_create_global_step()
        loss = tf.reduce_sum(w * x) + tf.reduce_sum(tf.gather(table, [0, 2])) * x[0]
        average = tf.train.ExponentialMovingAverage(0.5) if averages else None
        optimizer = tf.train.SyncReplicasOptimizer(
            tf.train.MomentumOptimizer(0.5, 0.9), needed, total_num_replicas=workers, variable_averages=average,
            variables_to_average=[w] if averages else None,
        )  # fmt: skip
        train = optimizer.minimize(loss, global_step=step)
        (move,) = optimizer.get_chief_queue_runner().enqueue_ops
        tokens = optimizer.get_init_tokens_op()
        session.run(tf.global_variables_initializer())
        session.run([optimizer.chief_init_op])
        session.run(tokens)
        found = [session.run(train, {x: [worker, 1.0]}) for worker in range(needed)]
        session.run(move)
        values = session.run([w, table, unused, step, *([average.average(w)] if averages else [])])
        found += [np.asarray(v) for v in values]
        slots = optimizer.get_slot_names(), optimizer.get_slot(w, "momentum").name
        return found, slots, [v.name for v in optimizer.variables()]


@pytest.mark.parametrize(("needed", "workers"), [(1, 1), (2, 2), (3, 2), (2, 4)])
@pytest.mark.parametrize("averages", [False, True])
def test_steps(needed, workers, averages):
    expected, found = (steps(tf, needed, workers, averages) for tf in (judge(), minitf))
    assert found[1:] == expected[1:]
    for mine, theirs in zip(found[0], expected[0], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6)
