"""A training run that prints the bits of each loss: `python -m tests.training.resumable FOLDER HOW LAST_STEP`.

`HOW` says what saves: "steps", "seconds" or "supervisor".  It has all that a resumed run may get wrong: shuffled
data over several epochs, a random map over it, dropout, noise, slots, a moving average and a decaying rate.
"""

import sys
import time

import numpy as np

import minitf as tf


def build():
    """(operation that trains, loss, iterator's initializer)"""
    tf.set_random_seed(3)
    data = np.random.default_rng(0).standard_normal((50, 4)).astype(np.float32)
    dataset = tf.data.Dataset.from_tensor_slices(data).shuffle(20).repeat().map(
        lambda x: x + tf.random_normal([4], stddev=0.1)).batch(8)  # fmt: skip
    iterator = tf.data.make_initializable_iterator(dataset)
    tf.add_to_collection(tf.GraphKeys.TABLE_INITIALIZERS, iterator.initializer)
    x = iterator.get_next()
    hidden = tf.nn.dropout(tf.layers.dense(x, 16, tf.nn.relu), 0.7)
    loss = tf.reduce_mean(tf.square(tf.layers.dense(hidden, 4) - x + tf.random_uniform(tf.shape(x))))
    step = tf.train.get_or_create_global_step()
    rate = tf.train.exponential_decay(0.01, step, 5, 0.9)
    train = tf.train.AdamOptimizer(rate).minimize(loss, step)
    average = tf.train.ExponentialMovingAverage(0.9, step)
    with tf.control_dependencies([train]):
        train = average.apply(tf.trainable_variables())
    for saveable in (
        tf.data.experimental.make_saveable_from_iterator(iterator), tf.train.make_saveable_from_random_ops()
    ):  # fmt: skip
        tf.add_to_collection(tf.GraphKeys.SAVEABLE_OBJECTS, saveable)
    return train, loss, step


def monitored(folder, train, loss, step, last, **saving):
    hooks = [tf.train.StopAtStepHook(last_step=last)]
    with tf.train.MonitoredTrainingSession(checkpoint_dir=folder, hooks=hooks, **saving) as session:
        while not session.should_stop():
            yield session.run([train, loss, step])


def supervised(folder, train, loss, step, last):
    supervisor = tf.train.Supervisor(logdir=folder, save_model_secs=0, summary_op=None)
    with supervisor.managed_session() as session:
        for number in range(int(session.run(step)), last):
            yield session.run([train, loss, step])
            if number % 7 == 6:
                supervisor.saver.save(session, supervisor.save_path, supervisor.global_step)


def main(folder, how, last):
    made = build()
    if how == "steps":
        run = monitored(folder, *made, last, save_checkpoint_steps=7, save_checkpoint_secs=None)
    elif how == "seconds":
        run = monitored(folder, *made, last, save_checkpoint_secs=0.05)
    else:
        run = supervised(folder, *made, last)
    for _, loss, step in run:
        print(int(step), float(loss).hex(), flush=True)
        time.sleep(0.01)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
