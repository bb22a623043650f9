"""A run that is killed and goes on gives the losses of one that was never killed, bit for bit."""

import subprocess
import sys

import pytest

import minitf as tf
from tests.training import resumable

LAST = 24


def run(folder, how, kill_at=None):
    """{step: the bits of its loss} of a process, which is killed (SIGKILL) when it has told of step `kill_at`."""
    command = [sys.executable, "-m", "tests.training.resumable", str(folder), how, str(LAST)]
    found = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            step, bits = line.split()
            found[int(step)] = bits
            if int(step) == kill_at:
                process.kill()
                break
        process.stdout.read()
    assert kill_at is not None or process.returncode == 0
    return found


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    found = run(tmp_path_factory.mktemp("unbroken"), "steps")
    assert list(found) == list(range(1, LAST + 1)) and len(set(found.values())) == LAST
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "kills"), [("steps", [10, 19]), ("seconds", [12]), ("supervisor", [17])], ids=lambda value: str(value)
)
def test_killed(unbroken, tmp_path, how, kills):
    parts = [run(tmp_path, how, kill_at) for kill_at in (*kills, None)]
    assert all(part.items() <= unbroken.items() for part in parts)
    assert set().union(*parts) == set(unbroken)
    assert all(1 < min(part) <= at + 1 for at, part in zip(kills, parts[1:], strict=True))  # it did not begin anew
    assert max(parts[-1]) == LAST


@pytest.mark.parametrize("forgotten", ["iterator", "random_ops"])
def test_what_is_not_saved_makes_a_difference(tmp_path, forgotten):
    """So each of the two saveable objects is needed, and the run above can fail."""
    losses = []
    for broken in (False, True):
        tf.reset_default_graph()
        train, loss, step = resumable.build()
        objects = tf.get_collection_ref(tf.GraphKeys.SAVEABLE_OBJECTS)
        objects[:] = [o for o in objects if forgotten.replace("iterator", "Iterator") not in o.name]
        assert len(objects) == 1
        folder = str(tmp_path / str(broken))
        if broken:
            list(resumable.monitored(folder, train, loss, step, 5, save_checkpoint_steps=5))
            tf.get_default_graph()._unsafe_unfinalize()
        made = list(resumable.monitored(folder, train, loss, step, 9, save_checkpoint_steps=5))
        losses.append([float(loss) for _, loss, _ in made[-4:]])
    assert losses[0] != losses[1]


def position(session, iterator, folder):
    """The next element, in a session that restores what `session` saves."""
    with session.graph.as_default():
        saveable = tf.data.experimental.make_saveable_from_iterator(iterator)
        saver = tf.train.Saver([saveable])
    return saver, saver.save(session, str(folder / "place"), write_meta_graph=False)


DATASETS = {
    "range": lambda: tf.data.Dataset.range(10),
    "shuffle, repeat": lambda: tf.data.Dataset.range(5).shuffle(5, seed=1).repeat(),
    "shuffle the same way": lambda: tf.data.Dataset.range(5).shuffle(5, 1, reshuffle_each_iteration=False).repeat(),
    "cache": lambda: tf.data.Dataset.range(4).map(lambda x: x * x).cache().repeat(),
    "flat_map": lambda: tf.data.Dataset.range(9).flat_map(lambda x: tf.data.Dataset.range(x)),
    "batch, prefetch": lambda: tf.data.Dataset.range(40).batch(3).prefetch(2),
    "zip": lambda: tf.data.Dataset.zip((tf.data.Dataset.range(9), tf.data.Dataset.range(9).shuffle(9, seed=4))),
}


@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize("one_shot", [True, False], ids=["one shot", "initializable"])
def test_an_iterator_goes_on(tmp_path, name, one_shot):
    tf.reset_default_graph()
    dataset = DATASETS[name]()
    iterator = dataset.make_one_shot_iterator() if one_shot else dataset.make_initializable_iterator()
    following = iterator.get_next()
    begin = tf.no_op() if one_shot else iterator.initializer
    with tf.Session() as session:
        session.run(begin)
        for _ in range(6):
            session.run(following)
        saver, path = position(session, iterator, tmp_path)
        expected = [str(session.run(following)) for _ in range(3)]
        saver.restore(session, path)
        assert [str(session.run(following)) for _ in range(3)] == expected
    with tf.Session() as session:  # restored before it begins
        saver.restore(session, path)
        session.run(begin)
        assert [str(session.run(following)) for _ in range(3)] == expected
        if not one_shot:
            session.run(begin)
            first = str(session.run(following))
    with tf.Session() as session:
        session.run(begin)
        assert one_shot or str(session.run(following)) == first  # begun again, it is at the beginning


def test_an_iterator_at_its_end(tmp_path):
    tf.reset_default_graph()
    iterator = tf.data.Dataset.range(2).make_one_shot_iterator()
    following = iterator.get_next()
    with tf.Session() as session:
        for _ in range(2):
            session.run(following)
        saver, path = position(session, iterator, tmp_path)
    with tf.Session() as session:
        saver.restore(session, path)
        with pytest.raises(tf.errors.OutOfRangeError):
            session.run(following)


def test_random_positions(tmp_path):
    tf.reset_default_graph()
    numbers = [tf.random_normal([3], seed=1), tf.random_uniform([2])]
    saver = tf.train.Saver([tf.train.make_saveable_from_random_ops()])
    later = tf.random_normal([2], seed=5)  # made after the saver, and saved all the same
    with tf.Session() as session:
        session.run([numbers, later])
        path = saver.save(session, str(tmp_path / "numbers"))
        expected = session.run([*numbers, later])
    assert [name for name, _ in tf.train.list_variables(path)] == [
        "random_ops/names", "random_ops/positions", "random_ops/sizes"
    ]  # fmt: skip
    with tf.Session() as session:
        session.run(numbers)
        saver.restore(session, path)
        assert [a.tolist() for a in session.run([*numbers, later])] == [a.tolist() for a in expected]
    with tf.Graph().as_default(), tf.Session() as session:
        saver = tf.train.Saver([tf.train.make_saveable_from_random_ops()])
        with pytest.raises(tf.errors.NotFoundError, match="random_normal"):
            saver.restore(session, path)
