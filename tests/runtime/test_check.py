"""The proof of a bound program: it accepts what the planner makes, and finds what is broken on purpose."""

import numpy as np
import pytest

import minitf as tf
from minitf.runtime import program
from minitf.runtime.check import check
from minitf.runtime.plan import Plan
from tests.runtime.test_group import random_graph


def bound(fetches, feeds, change=lambda plan: None):
    """(plan, its only segment) of a run of `fetches`, the plan changed before it is bound."""
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        plan = Plan(tuple(getattr(f, "_as_graph_element", lambda f=f: f)() for f in fetches), tuple(feeds))
        change(plan)
        found = program.Program(plan, sess.state, grouped=True)
        values = [None] * len(plan.slots)
        for tensor, slot in zip(plan.fed, plan.fed_slots, strict=True):
            values[slot] = feeds[tensor]
        return plan, found.first(values)


def small():
    x = tf.placeholder(tf.float32, [50, 50])
    y = x
    for _ in range(6):
        y = tf.matmul(tf.transpose(tf.tanh(y)), x)
    return [y], {x: np.ones((50, 50), np.float32)}


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


@pytest.mark.parametrize("seed", range(6))
def test_what_the_planner_makes_holds(seed):
    check(*bound(*random_graph(seed)))


def test_a_value_that_dies_too_early_is_found():
    def hasten(plan):
        plan.deaths = {max(0, i - 1): slots for i, slots in plan.deaths.items()}

    with pytest.raises(AssertionError, match="written over what is read"):
        check(*bound(*small(), hasten))


def test_a_value_whose_memory_is_used_by_others_meanwhile_is_found():
    x = tf.placeholder(tf.float32, [50, 50])
    first = y = tf.matmul(x, x)
    for _ in range(6):
        y = tf.transpose(tf.matmul(y, x))
    last = tf.matmul(first, y)

    def forget_first(plan):
        slot = plan.slots[first]
        plan.deaths = {i: [s for s in slots if s != slot] for i, slots in plan.deaths.items()}
        plan.deaths.setdefault(2, []).append(slot)

    feeds = {x: np.ones((50, 50), np.float32)}
    check(*bound([last], feeds))
    with pytest.raises(AssertionError, match="serves another value already"):
        check(*bound([last], feeds, forget_first))


def test_a_wrong_record_is_found():
    plan, segment = bound(*small())
    segment.stretch.records[3][0] += 64
    with pytest.raises(AssertionError, match="does not say where"):
        check(plan, segment)


def test_a_launch_that_writes_into_what_it_reads_is_found():
    plan, segment = bound(*small())
    launch, whole = segment.stretch.launches[0], np.zeros(5000, np.float32)
    launch.arguments = (*launch.arguments[:-2], whole[:2500], whole[100:2600])
    segment.stretch.records[0] = np.array([w for a in launch.arguments for w in program_words(a)], np.int64)
    with pytest.raises(AssertionError, match="writes into part of what it reads"):
        check(plan, segment)


def test_a_value_of_another_shape_is_found():
    plan, segment = bound(*small())
    slot = plan.slots[plan.ops[-1].outputs[0]]
    segment.homes[slot] = segment.homes[slot].reshape(25, 100)
    with pytest.raises(AssertionError, match="but its array"):
        check(plan, segment)


def program_words(argument):
    from minitf.kernels.compile import record_words

    return record_words(argument)
