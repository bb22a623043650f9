"""Optimizers, learning rates and averages: many steps, and the names of everything made."""

import numpy as np
import pytest

import minitf
from tests.parity.compare import check, check_error, compare_values, judge

OPTIMIZERS = {
    "GradientDescent": lambda t: t.GradientDescentOptimizer(0.1),
    "Momentum": lambda t: t.MomentumOptimizer(0.05, 0.9),
    "Nesterov": lambda t: t.MomentumOptimizer(0.05, 0.9, use_nesterov=True),
    "Adagrad": lambda t: t.AdagradOptimizer(0.1),
    "Adadelta": lambda t: t.AdadeltaOptimizer(1.0, 0.9, 1e-4),
    "RMSProp": lambda t: t.RMSPropOptimizer(0.01, momentum=0.5),
    "centered RMSProp": lambda t: t.RMSPropOptimizer(0.01, 0.8, 0.5, 1e-3, centered=True),
    "Adam": lambda t: t.AdamOptimizer(0.02),
    "Ftrl": lambda t: t.FtrlOptimizer(0.1, l1_regularization_strength=0.01, l2_regularization_strength=0.01),
    "Ftrl with shrinkage": lambda t: t.FtrlOptimizer(0.1, -0.6, l2_shrinkage_regularization_strength=0.1),
    "ProximalGradientDescent": lambda t: t.ProximalGradientDescentOptimizer(0.1, 0.01, 0.02),
    "ProximalAdagrad": lambda t: t.ProximalAdagradOptimizer(0.1, 0.1, 0.01, 0.02),
    "AdagradDA": lambda t: t.AdagradDAOptimizer(
        0.1, t.get_or_create_global_step(), l1_regularization_strength=0.001, l2_regularization_strength=0.01
    ),
}


def regression(tf, optimizer, dtype):
    """A small dense model."""
    rng = np.random.RandomState(0)
    x, y = rng.randn(8, 3), rng.randn(8, 2)
    w = tf.get_variable("w", initializer=tf.constant(rng.randn(3, 2), dtype))
    b = tf.get_variable("b", [2], dtype, initializer=tf.zeros_initializer())
    error = tf.matmul(tf.constant(x, dtype), w) + b - tf.constant(y, dtype)
    step = tf.train.get_or_create_global_step()
    return OPTIMIZERS[optimizer](tf.train), tf.reduce_mean(tf.square(error)), step, [w, b]


def embedding(tf, optimizer, dtype):
    """Rows looked up by indices that repeat: gradients are IndexedSlices."""
    rng = np.random.RandomState(1)
    table = tf.get_variable("table", initializer=tf.constant(rng.randn(5, 2), dtype))
    rows = tf.gather(table, [0, 2, 2, 4])
    loss = tf.reduce_sum(tf.square(rows - tf.constant(rng.randn(4, 2), dtype)))
    step = tf.train.get_or_create_global_step()
    return OPTIMIZERS[optimizer](tf.train), loss, step, [table]


def train(tf, model, optimizer, dtype, steps):
    with tf.Graph().as_default() as graph:
        method, loss, step, variables = model(tf, optimizer, getattr(tf, dtype))
        train_op = method.minimize(loss, global_step=step)
        slots = [method.get_slot(v, name) for v in variables for name in method.get_slot_names()]
        names = [method.get_name(), method.get_slot_names(), [v.name for v in method.variables()]]
        made = [(op.name, op.type) for op in graph.get_operations()]
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            for _ in range(steps):
                session.run(train_op)
            return session.run([*variables, *slots, step, loss]), names, made


@pytest.mark.parametrize("model", [regression, embedding])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_fifty_steps(optimizer, model):
    expected, expected_names, expected_made = train(judge(), model, optimizer, "float32", 50)
    found, names, made = train(minitf, model, optimizer, "float32", 50)
    assert names == expected_names
    compare_values(found, expected, rtol=2e-5, atol=1e-6)
    if "Ftrl" not in optimizer:  # newer versions of TensorFlow have a setting `beta` there
        assert made == expected_made


@pytest.mark.parametrize("optimizer", [o for o in OPTIMIZERS if "Proximal" not in o])
def test_float64(optimizer):
    for model in (regression, embedding):
        expected = train(judge(), model, optimizer, "float64", 10)[0]
        compare_values(train(minitf, model, optimizer, "float64", 10)[0], expected, rtol=1e-6)


def test_kept_gradients_and_gates(tf1, mtf):
    found = []
    for tf in (tf1, mtf):
        with tf.Graph().as_default():
            v = tf.get_variable("v", initializer=[1.0, 2.0])
            w = tf.get_variable("w", initializer=[3.0])
            unused = tf.get_variable("unused", [1])
            method = tf.train.GradientDescentOptimizer(tf.placeholder_with_default(0.5, []))
            results = []
            for gate in (method.GATE_NONE, method.GATE_OP, method.GATE_GRAPH):
                # no gradient depends on a variable: TensorFlow may update one before it computes another's gradient
                loss, weights = v * 2.0 + w * 3.0, tf.constant([1.0, 2.0])
                pairs = method.compute_gradients(loss, [v, w, unused], gate, grad_loss=weights)
                assert [x.op.name for _, x in pairs] == ["v", "w", "unused"] and pairs[2][0] is None
                clipped = [(tf.clip_by_value(g, -5.0, 5.0), x) for g, x in pairs[:2]]
                with tf.control_dependencies([method.apply_gradients(clipped)]):
                    results += [v.read_value(), w.read_value()]
            with tf.Session() as session:
                session.run(tf.global_variables_initializer())
                found.append([session.run(r) for r in results])
    compare_values(found[1], found[0])


def test_constraint():
    def program(tf):
        v = tf.get_variable("v", initializer=[1.0, -2.0], constraint=lambda x: tf.nn.relu(x))
        step = tf.train.GradientDescentOptimizer(0.5).minimize(tf.reduce_sum(v))
        with tf.control_dependencies([step]):
            return v.read_value(), {}

    check(program, steps=2)


def test_slots_follow_scopes(tf1, mtf):
    found = []
    for tf in (tf1, mtf):
        with tf.Graph().as_default():
            with tf.variable_scope("model"):
                v = tf.get_variable("v", [2])
            with tf.name_scope("train"), tf.variable_scope("opt"):
                tf.train.AdamOptimizer().minimize(tf.reduce_sum(v))
            tf.train.AdamOptimizer(name="Second").minimize(tf.reduce_sum(v))
            tf.train.MomentumOptimizer(0.1, 0.9).minimize(tf.reduce_sum(v))
            tf.train.MomentumOptimizer(0.1, 0.9).minimize(tf.reduce_sum(v))
            found.append([x.name for x in tf.global_variables()])
    assert found[0] == found[1]


def minimize(tf, loss, **kwargs):
    return tf.train.GradientDescentOptimizer(0.1).minimize(loss, **kwargs), {}


def apply(tf, pairs):
    return tf.train.GradientDescentOptimizer(0.1).apply_gradients(pairs), {}


ERRORS = {
    "no variables": lambda tf: minimize(tf, tf.constant(1.0)),
    "no gradients": lambda tf: minimize(tf, tf.constant(1.0), var_list=[tf.Variable(1.0)]),
    "integer loss": lambda tf: minimize(tf, tf.Variable(1) * 2),
    "tensor for a variable": lambda tf: minimize(tf, tf.constant(1.0), var_list=[tf.constant(1.0)]),
    "moving a tensor": lambda tf: apply(tf, [(tf.constant(1.0), tf.constant(1.0))]),
    "gate": lambda tf: minimize(tf, tf.Variable(1.0) * 1.0, gate_gradients=7),
    "nothing to apply": lambda tf: apply(tf, []),
    "only None": lambda tf: apply(tf, [(None, tf.Variable(1.0))]),
    "accumulator": lambda tf: tf.train.AdagradOptimizer(0.1, initial_accumulator_value=0.0),
    "ftrl power": lambda tf: tf.train.FtrlOptimizer(0.1, learning_rate_power=0.5),
    "ftrl l1": lambda tf: tf.train.FtrlOptimizer(0.1, l1_regularization_strength=-1.0),
    "no name": lambda tf: tf.train.AdamOptimizer(name=""),
}


@pytest.mark.parametrize("label", ERRORS)
def test_errors(label):
    check_error(ERRORS[label])


RATES = {
    "exponential": lambda t, s: t.exponential_decay(0.1, s, 10, 0.96),
    "exponential staircase": lambda t, s: t.exponential_decay(0.1, s, 10, 0.96, staircase=True),
    "natural": lambda t, s: t.natural_exp_decay(0.1, s, 10, 0.5),
    "inverse time": lambda t, s: t.inverse_time_decay(0.1, s, 10, 0.5),
    "inverse time staircase": lambda t, s: t.inverse_time_decay(0.1, s, 10, 0.5, staircase=True),
    "polynomial": lambda t, s: t.polynomial_decay(0.1, s, 30, 0.01, 2.0),
    "polynomial cycle": lambda t, s: t.polynomial_decay(0.1, s, 10, 0.01, 2.0, cycle=True),
    "cosine": lambda t, s: t.cosine_decay(0.1, s, 30, 0.01),
    "linear cosine": lambda t, s: t.linear_cosine_decay(0.1, s, 30),
    "noisy linear cosine": lambda t, s: t.noisy_linear_cosine_decay(0.1, s, 30),
    "piecewise": lambda t, s: t.piecewise_constant(s, [5, 20], [1.0, 0.5, 0.1]),
    "restarts": lambda t, s: t.cosine_decay_restarts(0.1, s, 7),
    "even restarts": lambda t, s: t.cosine_decay_restarts(0.1, s, 7, t_mul=1.0, m_mul=0.9, alpha=0.1),
}
OF_BRANCHES = ("piecewise", "restarts", "even restarts")  # a cond has operations of its own


@pytest.mark.parametrize("count", [0, 5, 6, 23, 50])
@pytest.mark.parametrize("label", RATES)
def test_learning_rates(label, count):
    def program(tf):
        step = tf.Variable(count, dtype=tf.int64, trainable=False, name="step")
        return RATES[label](tf.train, step), {}

    check(program, names=label not in OF_BRANCHES, graph_seed=3, rtol=1e-5, atol=1e-7)


RATE_ERRORS = {
    "no step": lambda tf: tf.train.exponential_decay(0.1, None, 10, 0.9),
    "boundaries": lambda tf: tf.train.piecewise_constant(tf.constant(1), [1, 2], [1.0, 2.0]),
    "dtypes": lambda tf: tf.train.piecewise_constant(tf.constant(1), [1.5], [1.0, 2.0]),
}


@pytest.mark.parametrize("label", RATE_ERRORS)
def test_rate_errors(label):
    check_error(lambda tf: (RATE_ERRORS[label](tf), {}))


@pytest.mark.parametrize("settings", [{}, {"num_updates": 3}, {"zero_debias": True}])
def test_moving_averages(settings, tf1, mtf):
    found = []
    for tf in (tf1, mtf):
        with tf.Graph().as_default():
            v = tf.get_variable("v", initializer=[1.0, 2.0])
            w = tf.Variable(1.0, name="w")
            t = tf.multiply(tf.Variable(1.0, name="u"), 3.0, name="t")
            average = tf.train.ExponentialMovingAverage(0.9, **settings)
            early = average.average_name(v)
            with tf.control_dependencies([v.assign_add([1.0, 1.0]), w.assign_add(0.5)]):
                step = average.apply([v, w, t])
            names = [early, average.average_name(t), step.name, average.name]
            names += [[x.name for x in tf.moving_average_variables()], [x.name for x in tf.global_variables()]]
            names.append({k: x.name for k, x in average.variables_to_restore().items()})
            assert average.average(tf.constant(1.0)) is None
            values = []
            with tf.Session() as session:
                session.run(tf.global_variables_initializer())
                for _ in range(3):
                    session.run(step)
                    values.append(session.run([average.average(x) for x in (v, t)]))
            found.append((names, values))
    assert found[0][0] == found[1][0]
    compare_values(found[1][1], found[0][1])


def test_global_step(tf1, mtf):
    for tf in (tf1, mtf):
        with tf.Graph().as_default():
            assert tf.train.get_global_step() is None
            step = tf.train.get_or_create_global_step()
            assert step.name == "global_step:0" and step.dtype.base_dtype == tf.int64
            assert tf.train.get_global_step() is step is tf.train.get_or_create_global_step()
            assert not tf.trainable_variables() and tf.global_variables() == [step]
            with pytest.raises(ValueError):
                tf.train.create_global_step()
            for wrong in (3, tf.Variable(1.0), tf.Variable([1])):
                with pytest.raises(TypeError):
                    tf.train.assert_global_step(wrong)
            with tf.Session() as session:
                session.run([step.initializer])
                assert tf.train.global_step(session, step) == 0
        with tf.Graph().as_default():
            step = tf.Variable(3, name="global_step", trainable=False)
            assert tf.train.get_global_step() is not None
