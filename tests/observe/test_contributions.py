"""The contribution view: the lit elements are those the output element is made from."""

import numpy as np
import pytest

import minitf as tf
from minitf.observe import contributions as module
from minitf.observe.contributions import box


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def lit(tensor, index, feeds=None):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return tf.contributions(tensor, index, session, feeds)


def words(found):
    return [each["where"] for each in found.describe()["inputs"]]


def normal(*shape, seed=0):
    return tf.constant(np.random.default_rng(seed).normal(size=shape), tf.float32, name="x")


def test_matmul_lights_a_row_and_a_column():
    found = lit(tf.matmul(normal(4, 5), normal(5, 3)), (2, 1))
    assert words(found) == ["x:0[2, :]", "x_1:0[:, 1]"]


def test_zeros_in_the_data_leave_no_holes():
    pixels = np.zeros((2, 50), np.float32)
    pixels[1, 7] = 1
    found = lit(tf.matmul(tf.constant(pixels), normal(50, 3)), (1, 2))
    assert [int(each.lit.sum()) for each in found.inputs] == [50, 50]
    assert [int(each.moving.sum()) for each in found.inputs] == [50, 1]


def test_convolution_lights_its_window():
    found = lit(tf.nn.conv2d(normal(1, 6, 6, 2), normal(3, 3, 2, 4), [1, 1, 1, 1], "VALID"), (0, 1, 2, 3))
    assert words(found) == ["x:0[0, 1:4, 2:5, :]", "x_1:0[:, :, :, 3]"]


def test_reduction_lights_its_axis():
    assert words(lit(tf.reduce_max(normal(4, 6), axis=0), 3)) == ["x:0[:, 3]"]


def test_broadcasting_lights_one_element_for_many():
    assert words(lit(normal(4, 3) + normal(3), (1, 2))) == ["x:0[1, 2]", "x_1:0[2]"]


def test_a_rectifier_below_zero_is_lit_and_rests():
    (found,) = lit(tf.nn.relu(tf.constant([-1.0, 2.0])), 0).inputs
    assert found.lit.tolist() == [True, False] and not found.moving.any()


def test_only_the_branch_that_was_chosen_is_lit():
    chosen = tf.where(tf.constant([True, False]), tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0]))
    condition, first, second = lit(chosen, 1).inputs
    assert condition.lit.tolist() == [False, True]
    assert not first.lit.any() and second.lit.tolist() == [False, True]


def test_a_lookup_lights_the_row_and_the_index():
    found = lit(tf.gather(normal(5, 3), tf.constant([4, 2, 0])), (1, 0))
    assert words(found)[0] == "x:0[2, 0]" and found.inputs[1].lit.tolist() == [False, True, False]


def test_whole_numbers_and_choices_without_derivative():
    assert words(lit(tf.argmax(normal(3, 5), 1), 2)) == ["x:0[2, :]"]
    assert words(lit(tf.constant([1, 2]) * tf.constant([3, 4]), 1)) == ["Const:0[1]", "Const_1:0[1]"]


SMOOTH = {
    "product": lambda a, b: a * b,
    "matmul": lambda a, b: tf.matmul(a, tf.transpose(b)),
    "softmax": lambda a, b: tf.nn.softmax(a + b),
    "outer": lambda a, b: tf.expand_dims(a, 2) * tf.expand_dims(b, 1),
    "cumulative": lambda a, b: tf.cumsum(a * b, axis=1),
    "pad": lambda a, b: tf.pad(a + b, [[1, 0], [0, 2]]),
    "concat": lambda a, b: tf.concat([a, b], 1),
    "reverse": lambda a, b: tf.reverse(a - b, [1]),
    "slice": lambda a, b: (a / b)[1:, ::2],
    "distance": lambda a, b: tf.reduce_sum(tf.squared_difference(a, b), 1),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("build", SMOOTH.values(), ids=SMOOTH)
def test_the_lit_set_is_the_support_of_the_jacobian_row(build, seed):
    """By differentiating the learner's own graph, at a generic point, of its last operation."""
    generator = np.random.default_rng(seed)
    a, b = (tf.constant(generator.uniform(0.5, 2, (3, 4))) for _ in "ab")
    y = build(a, b)
    with tf.Session() as session:
        place = tuple(int(generator.integers(n)) for n in y.shape.as_list())
        inputs = [t for t in y.op.inputs if t.dtype.is_floating]
        rows = session.run(tf.gradients(y[place], inputs))
        found = {each.tensor.name: each for each in tf.contributions(y, place, session).inputs}
    for tensor, row in zip(inputs, rows):
        assert np.array_equal(found[tensor.name].lit, row != 0), tensor.name
        assert np.array_equal(found[tensor.name].moving, row != 0)


@pytest.mark.parametrize("seed", range(4))
def test_moving_elements_are_those_that_finite_differences_find(seed):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(1, 6, 6, 1))
    pooled = tf.nn.max_pool(tf.constant(x), [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
    place = (0, int(generator.integers(3)), int(generator.integers(3)), 0)
    (found,) = lit(pooled, place).inputs
    moved = np.zeros(x.shape, bool)
    for index in np.ndindex(x.shape):
        near = x.copy()
        near[index] += 1e-6
        blocks = near.reshape(3, 2, 3, 2).max(axis=(1, 3))
        moved[index] = blocks[place[1:3]] != x.reshape(3, 2, 3, 2).max(axis=(1, 3))[place[1:3]]
    assert np.array_equal(found.moving, moved) and found.lit.sum() == 4


def test_what_no_computation_makes_has_no_contributions():
    with pytest.raises(ValueError, match="fed, stored or written down"):
        lit(tf.placeholder(tf.float32, [2]), 0)
    with pytest.raises(ValueError, match="effect or a memory"):
        lit(tf.assign(tf.Variable([0.0]), normal(1)), 0)
    with pytest.raises(ValueError, match="no element"):
        lit(normal(2) + 1.0, 5)


def test_the_learners_graph_is_left_alone(graph):
    y = normal(3) * 2.0
    before = len(graph.get_operations())
    lit_before = tf.Session()
    tf.contributions(y, 0, lit_before)
    assert len(graph.get_operations()) == before


def test_a_search_that_is_given_up_says_so(monkeypatch):
    monkeypatch.setattr(module, "SECONDS", 0)
    (found,) = lit(tf.nn.relu(tf.constant([-1.0])), 0).inputs
    assert not found.complete


def test_boxes_in_words():
    places = np.array([[2, 0], [2, 2], [2, 4]])
    assert box(places, (4, 6)) == "[2, 0:5:2]"
    assert box(places[:2], (4, 6)) == "[2, 0:3:2]"
    assert box(np.array([[0, 0], [1, 1]]), (3, 3)) == "[0:2, 0:2] (2 of them)"
    assert box(np.zeros((0, 2)), (3, 3)) == ": none" and box(np.zeros((1, 0)), ()) == ""


def test_typescript_reads_a_contribution(sample, fields):
    x = tf.constant(np.arange(6.0).reshape(2, 3), tf.float32, name="x")
    found = lit(tf.matmul(x, tf.ones([3, 2], name="w"), name="y"), (1, 0)).describe()
    assert set(found) == fields("contribution", "Contribution")
    assert set(found["inputs"][0]) == fields("contribution", "ContributingInput")
    sample("contribution", found | {"origin": "cell [4], line 2", "text": ""})
