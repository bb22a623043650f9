"""Memory: values that live at one time never share bytes, and little more is taken than the widest moment needs."""

import numpy as np
import pytest

import minitf as tf
from minitf.kernels.atomics import address_of
from minitf.runtime.memory import Memory

FOR_EVER = 10**9


def random_lives(seed, memory, slots, count=200):
    """[(slot, stand-in, birth, death)] after `count` random births and deaths in `memory`."""
    generator = np.random.default_rng(seed)
    lives, alive = [], []
    for time in range(count):
        if alive and generator.random() < 0.48:
            life = alive.pop(generator.integers(len(alive)))
            memory.give_back(life[0])
            life[3] = time
        else:
            size = int(generator.choice([3, 100, 700, 5_000, 80_000]))
            slot = next(slots)
            life = [slot, memory.take(slot, (size,), np.dtype(np.float32)), time, FOR_EVER]
            lives.append(life)
            alive.append(life)
    return lives


def assert_apart(lives):
    placed = [(address_of(a), address_of(a) + a.nbytes, birth, death) for _, a, birth, death in lives]
    for i, (start, end, birth, death) in enumerate(placed):
        for other_start, other_end, other_birth, other_death in placed[:i]:
            if birth < other_death and other_birth < death:
                assert end <= other_start or other_end <= start


@pytest.mark.parametrize("seed", range(5))
def test_what_lives_at_one_time_lies_apart_and_is_aligned(seed):
    memory = Memory()
    lives = random_lives(seed, memory, iter(range(10**6)))
    moved = memory.settle()
    lives = [(slot, moved(a), birth, death) for slot, a, birth, death in lives]
    assert_apart(lives)
    assert all(address_of(a) % 64 == 0 for _, a, *_ in lives)
    assert memory.bound <= memory.size <= 1.2 * memory.bound


def test_a_later_segment_keeps_what_lives_and_uses_what_is_free():
    slots = iter(range(10**6))
    first = Memory()
    lives = random_lives(1, first, slots)
    moved = first.settle()
    alive = [(slot, moved(a), 0, FOR_EVER) for slot, a, _, death in lives if death == FOR_EVER]
    second = Memory(first)
    later = random_lives(2, second, slots)
    second.give_back(alive[0][0])
    end = random_lives(3, second, slots, 50)
    moved = second.settle()
    assert_apart([*alive[1:], *((s, moved(a), b, d) for s, a, b, d in later)])
    assert_apart([*alive[1:], *((s, moved(a), b, d) for s, a, b, d in end)])
    assert second.size < first.size + sum(a.nbytes for _, a, *_ in later + end)


def test_views_move_with_their_values():
    memory = Memory()
    x = memory.take(0, (40, 50), np.dtype(np.float32))
    other = np.zeros(3)
    moved = memory.settle()
    part = moved(x[10:20].reshape(-1).view(np.uint32))
    assert part.shape == (500,) and address_of(part) == address_of(moved(x)) + 10 * 50 * 4
    assert moved(other) is other and moved(7) == 7


def deep(batch=64, width=200, layers=6):
    x, labels = tf.placeholder(tf.float32, [None, width]), tf.placeholder(tf.int32, [None])
    hidden = x
    for n in range(layers):
        kernel = tf.get_variable(f"kernel{n}", [width, width])
        hidden = tf.nn.relu(tf.matmul(hidden, kernel) + tf.get_variable(f"bias{n}", [width]))
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=hidden))
    return loss, {x: np.ones((batch, width), np.float32), labels: np.zeros(batch, np.int32)}


def recurrent(batch=32, units=32, steps=12):
    x = tf.placeholder(tf.float32, [None, steps, units])
    kernel = tf.get_variable("kernel", [2 * units, 4 * units])
    cell = output = tf.zeros([tf.shape(x)[0], units])
    for row in tf.unstack(x, steps, 1):
        i, new, forget, out = tf.split(tf.matmul(tf.concat([row, output], 1), kernel), 4, 1)
        cell = cell * tf.sigmoid(forget) + tf.sigmoid(i) * tf.tanh(new)
        output = tf.tanh(cell) * tf.sigmoid(out)
    return tf.reduce_mean(output), {x: np.ones((batch, steps, units), np.float32)}


@pytest.mark.parametrize("build", [deep, recurrent])
@pytest.mark.parametrize("optimizer", [tf.train.GradientDescentOptimizer, tf.train.AdamOptimizer])
def test_training_takes_little_more_than_its_widest_moment(build, optimizer):
    with tf.Graph().as_default(), tf.Session() as sess:
        loss, feeds = build()
        train = optimizer(0.01).minimize(loss)
        sess.run(tf.global_variables_initializer())
        sess.run([train, loss], feeds)
        programs = [p for waiting in sess._idle.values() for p in waiting]
        segments = [s for p in programs for s in p._first.values() if s.memory.bound > 100_000]
        assert segments
        for segment in segments:
            assert segment.memory.bound <= segment.memory.size <= 1.2 * segment.memory.bound
