"""Processes that save without end are killed at random times: `python -m tests.checkpoint.kill 200`.

Each goes on from what the one before it left behind.  After every kill the newest checkpoint must be whole, and
not older than the last save that had returned.
"""

import logging
import os
import random
import signal
import sys
import tempfile
import time

import numpy as np

import minitf as tf
from minitf import errors

WAYS = [
    {"steps": True, "max_to_keep": 2}, {"steps": False}, {"steps": True, "max_to_keep": 2, "sharded": True},
    {"steps": False, "sharded": True},
]  # fmt: skip
SIZE = 30_000  # numbers in a variable: a save takes some milliseconds, and most kills hit one


def save_for_ever(folder, report, steps, **settings):
    """Restore, then save 1, 2, 3...; tells the pipe `report` of every save that returned."""
    with tf.Graph().as_default(), tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as session:
        with tf.device("/cpu:0"):
            v = tf.Variable(np.zeros(SIZE, np.float32), name="v")
        with tf.device("/cpu:1"):
            w = tf.Variable(np.zeros(SIZE, np.float32), name="w")
        saver = tf.train.Saver(**settings)
        session.run([v.initializer, w.initializer])
        newest = tf.train.latest_checkpoint(folder)
        if newest:
            saver.restore(session, newest)
            saver.recover_last_checkpoints(tf.train.get_checkpoint_state(folder).all_model_checkpoint_paths)
        train = [v.assign_add(np.ones(SIZE, np.float32)), w.assign_add(np.ones(SIZE, np.float32))]
        os.write(report, b"0\n")
        while True:
            step = int(session.run(train)[0][0])
            saver.save(session, os.path.join(folder, "model"), global_step=step if steps else None)
            os.write(report, f"{step}\n".encode())


def kill_one(folder, seconds, way):
    """Let a process save for so long after its start, kill it; returns the last step that it reported."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        try:
            save_for_ever(folder, writing, **way)
        finally:
            os._exit(1)
    os.close(writing)
    with open(reading, "rb") as reports:
        heard = reports.readline()  # it is ready
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        heard += reports.read()
    os.waitpid(child, 0)
    return int(heard.split()[-1])


def found(folder):
    """The step of the newest checkpoint, 0 where there is none, None where what there is can't be restored."""
    try:
        path = tf.train.latest_checkpoint(folder)
        if path is None:
            return 0
        reader = tf.train.load_checkpoint(path)
        values = np.concatenate([reader.get_tensor(name) for name in ("v", "w")])
    except (errors.OpError, ValueError):
        return None
    return int(values[0]) if (values == values[0]).all() else None


def campaign(kills, folder, seed=0):
    """Kill so many; returns {what: how often}."""
    rng, counts = random.Random(seed), {"kills": 0, "in the middle of a save": 0, "lost": 0}
    folders = [os.path.join(folder, str(i)) for i in range(len(WAYS))]
    for path in folders:
        os.makedirs(path)
    for number in range(kills):
        way, path = WAYS[number % len(WAYS)], folders[number % len(WAYS)]
        reported = kill_one(path, rng.uniform(0, 0.15), way)
        step = found(path)
        counts["kills"] += 1
        counts["in the middle of a save"] += any(".tmp-" in n or n.endswith("_temp") for n in os.listdir(path))
        counts["lost"] += step is None or step < reported
    return counts


if __name__ == "__main__":
    logging.getLogger("tensorflow").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as made:
        print(campaign(int(sys.argv[1]), made))
