"""Recurrent networks: cells against NumPy, the loops around them against TensorFlow's with a hand-made cell."""

import numpy as np
import pytest

import minitf
from tests.parity.compare import check

X = np.random.default_rng(3).standard_normal((2, 4, 3)).astype(np.float32)
LENGTHS = np.array([2, 4], np.int32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def values_for(variables):
    """Numbers for all variables, the same for every model with these shapes."""
    generator = np.random.default_rng(7)
    return [generator.standard_normal(v.shape.as_list()).astype(np.float32) * 0.4 for v in variables]


def run_cell(make, inputs=X, **keywords):
    """(outputs, final state, {name: value} of variables, gradient of the inputs) of dynamic_rnn."""
    tf = minitf
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, inputs.shape)
        outputs, state = tf.nn.dynamic_rnn(make(tf), x, dtype=tf.float32, **keywords)
        variables = tf.global_variables()
        values = values_for(variables)
        dx = tf.gradients(outputs, x)[0]
        with tf.Session() as session:
            session.run([tf.assign(v, value) for v, value in zip(variables, values, strict=True)])
            found = session.run([outputs, state, dx], {x: inputs})
            stepped = session.start([outputs, state, dx], {x: inputs}).result()
            for a, b in zip(tf.nest.flatten(found), tf.nest.flatten(stepped), strict=True):
                assert np.array_equal(a, b)
        return *found, {v.op.name: value for v, value in zip(variables, values, strict=True)}


def basic_rnn(w, x, h):
    h = np.tanh(np.concatenate([x, h[0]], 1) @ w["kernel"] + w["bias"])
    return h, (h,)


def gru(w, x, h):
    gates = sigmoid(np.concatenate([x, h[0]], 1) @ w["gates/kernel"] + w["gates/bias"])
    r, u = np.split(gates, 2, 1)
    c = np.tanh(np.concatenate([x, r * h[0]], 1) @ w["candidate/kernel"] + w["candidate/bias"])
    h = u * h[0] + (1 - u) * c
    return h, (h,)


def lstm(w, x, state):
    c, h = state
    i, j, f, o = np.split(np.concatenate([x, h], 1) @ w["kernel"] + w["bias"], 4, 1)
    c = c * sigmoid(f + 1) + sigmoid(i) * np.tanh(j)
    h = np.tanh(c) * sigmoid(o)
    return h, (c, h)


def full_lstm(w, x, state):
    c, h = state
    i, j, f, o = np.split(np.concatenate([x, h], 1) @ w["kernel"] + w["bias"], 4, 1)
    c = c * sigmoid(f + 1 + w["w_f_diag"] * c) + sigmoid(i + w["w_i_diag"] * c) * np.tanh(j)
    c = np.clip(c, -0.5, 0.5)
    h = np.tanh(c) * sigmoid(o + w["w_o_diag"] * c)
    h = np.clip(h @ w["projection/kernel"], -0.3, 0.3)
    return h, (c, h)


CELLS = {
    "basic_rnn_cell": (lambda tf: tf.nn.rnn_cell.BasicRNNCell(5), basic_rnn, [5]),
    "gru_cell": (lambda tf: tf.nn.rnn_cell.GRUCell(5), gru, [5]),
    "basic_lstm_cell": (lambda tf: tf.nn.rnn_cell.BasicLSTMCell(5), lstm, [5, 5]),
    "lstm_cell": (
        lambda tf: tf.nn.rnn_cell.LSTMCell(5, use_peepholes=True, cell_clip=0.5, num_proj=2, proj_clip=0.3),
        full_lstm, [5, 2]),
}  # fmt: skip


@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["whole", "lengths"])
@pytest.mark.parametrize("name", CELLS)
def test_cell_equals_numpy(name, lengths):
    make, step, sizes = CELLS[name]
    outputs, state, _, weights = run_cell(make, sequence_length=lengths)
    w = {k.removeprefix(f"rnn/{name}/"): v for k, v in weights.items()}
    now, expected = tuple(np.zeros((2, s), np.float32) for s in sizes), []
    for t in range(4):
        y, after = step(w, X[:, t], now)
        going = np.ones((2, 1), bool) if lengths is None else (t < lengths)[:, None]
        expected.append(np.where(going, y, 0))
        now = tuple(np.where(going, a, b) for a, b in zip(after, now, strict=True))
    np.testing.assert_allclose(outputs, np.stack(expected, 1), 1e-5, 1e-6)
    for found, wanted in zip(minitf.nest.flatten(state), now, strict=True):
        np.testing.assert_allclose(found, wanted, 1e-5, 1e-6)


def test_gradient_equals_differences():
    make = CELLS["basic_lstm_cell"][0]
    _, _, dx, _ = run_cell(make, sequence_length=LENGTHS)
    for place in [(0, 0, 1), (1, 3, 2), (0, 1, 0)]:
        change = np.zeros_like(X)
        change[place] = 1e-2
        up, down = (run_cell(make, X + s * change, sequence_length=LENGTHS)[0].sum() for s in (1, -1))
        assert abs((up - down) / 2e-2 - dx[place]) < 2e-3
    assert not dx[0, 2:].any()


NAMES = {
    "basic": (lambda c: c.BasicLSTMCell(5), ["rnn/basic_lstm_cell/kernel", "rnn/basic_lstm_cell/bias"]),
    "named": (lambda c: c.BasicLSTMCell(5, name="mine"), ["rnn/mine/kernel", "rnn/mine/bias"]),
    "gru": (
        lambda c: c.GRUCell(5),
        [f"rnn/gru_cell/{a}/{b}" for a in ("gates", "candidate") for b in ("kernel", "bias")]),
    "peepholes": (
        lambda c: c.LSTMCell(5, use_peepholes=True, num_proj=2),
        [f"rnn/lstm_cell/{n}" for n in ("kernel", "bias", "w_f_diag", "w_i_diag", "w_o_diag", "projection/kernel")]),
    "deep": (
        lambda c: c.MultiRNNCell([c.DropoutWrapper(c.BasicLSTMCell(5), 0.5), c.ResidualWrapper(c.BasicRNNCell(5))]),
        [f"rnn/multi_rnn_cell/cell_{i}/{n}_cell/{p}" for i, n in enumerate(["basic_lstm", "basic_rnn"])
         for p in ("kernel", "bias")]),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("static", [False, True], ids=["dynamic", "static"])
def test_variable_names(name, static):
    tf = minitf
    make, expected = NAMES[name]
    with tf.Graph().as_default():
        x, cell = tf.zeros([2, 4, 3]), make(tf.nn.rnn_cell)
        if static:
            tf.nn.static_rnn(cell, tf.unstack(x, axis=1), dtype=tf.float32)
        else:
            tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)
        assert [v.op.name for v in tf.global_variables()] == expected
        assert [v.op.name for v in cell.variables] == expected


def test_static_equals_dynamic():
    tf = minitf
    with tf.Graph().as_default():
        cell = tf.nn.rnn_cell.GRUCell(5)
        with tf.variable_scope("a") as scope:
            dynamic, last = tf.nn.dynamic_rnn(cell, tf.constant(X), LENGTHS, dtype=tf.float32, scope=scope)
        with tf.variable_scope("a", reuse=True) as scope:
            steps, final = tf.nn.static_rnn(
                cell,
                tf.unstack(tf.constant(X), axis=1),
                dtype=tf.float32,
                sequence_length=LENGTHS,
                scope=scope,
            )
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            a, b, c, d = session.run([dynamic, tf.stack(steps, 1), last, final])
    np.testing.assert_allclose(a, b, 1e-6)
    np.testing.assert_allclose(c, d, 1e-6)


def test_bidirectional():
    tf = minitf
    with tf.Graph().as_default():
        cells = [tf.nn.rnn_cell.BasicRNNCell(5) for _ in range(2)]
        (forward, backward), _ = tf.nn.bidirectional_dynamic_rnn(
            *cells, tf.constant(X), LENGTHS, dtype=tf.float32
        )
        names = [v.op.name for v in tf.global_variables()]
        assert names == [
            f"bidirectional_rnn/{d}/basic_rnn_cell/{p}" for d in ("fw", "bw") for p in ("kernel", "bias")
        ]
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            steps, _, _ = tf.nn.static_bidirectional_rnn(
                *cells, tf.unstack(tf.constant(X), axis=1), dtype=tf.float32, sequence_length=LENGTHS
            )
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            f, b, s = session.run([forward, backward, tf.stack(steps, 1)])
    np.testing.assert_allclose(np.concatenate([f, b], 2), s, 1e-6)
    assert not b[0, 2:].any()


# -- the loops, with a cell that both libraries take --------------------------------------------------------


def hand_made(tf):
    class Cell:
        """h = tanh(x A + h B), with constant A and B."""

        state_size = output_size = 5
        a = tf.constant(np.linspace(-1, 1, 15, dtype=np.float32).reshape(3, 5))
        b = tf.constant(np.linspace(-1, 1, 25, dtype=np.float32).reshape(5, 5))

        def zero_state(self, batch_size, dtype):
            return tf.zeros([batch_size, 5], dtype)

        def __call__(self, inputs, state, scope=None):
            h = tf.tanh(tf.matmul(inputs, self.a) + tf.matmul(state, self.b))
            return h * 2.0, h

    return Cell()


def outputs_state_gradient(tf, x, outputs, state):
    return [outputs, state, tf.gradients([outputs, state], x)[0]], {x: X}


def dynamic(tf):
    x = tf.placeholder(tf.float32, X.shape)
    return outputs_state_gradient(tf, x, *tf.nn.dynamic_rnn(hand_made(tf), x, dtype=tf.float32))


def dynamic_lengths(tf):
    x = tf.placeholder(tf.float32, [None, None, 3])
    return outputs_state_gradient(tf, x, *tf.nn.dynamic_rnn(hand_made(tf), x, LENGTHS, dtype=tf.float32))


def dynamic_time_major(tf):
    x = tf.placeholder(tf.float32, [2, 4, 3])
    start = tf.ones([4, 5])
    return outputs_state_gradient(
        tf,
        x,
        *tf.nn.dynamic_rnn(
            hand_made(tf), x, initial_state=start, time_major=True, sequence_length=[1, 2, 0, 2]
        ),
    )


def static(tf):
    x = tf.placeholder(tf.float32, X.shape)
    outputs, state = tf.nn.static_rnn(
        hand_made(tf), tf.unstack(x, axis=1), dtype=tf.float32, sequence_length=LENGTHS
    )
    return outputs_state_gradient(tf, x, tf.stack(outputs), state)


def raw(tf):
    x = tf.placeholder(tf.float32, X.shape)
    rows, cell = tf.TensorArray(tf.float32, 4).unstack(tf.transpose(x, [1, 0, 2])), hand_made(tf)

    def loop(time, output, state, loop_state):
        state = cell.zero_state(2, tf.float32) if output is None else state
        finished = time >= tf.constant(LENGTHS)
        done = tf.reduce_all(finished)
        following = tf.cond(done, lambda: tf.zeros([2, 3]), lambda: rows.read(time))
        return finished, following, state, output, None

    outputs, state, _ = tf.nn.raw_rnn(cell, loop)
    return outputs_state_gradient(tf, x, outputs.stack(), state)


@pytest.mark.parametrize(
    "program", [dynamic, dynamic_lengths, dynamic_time_major, static, raw], ids=lambda p: p.__name__
)
def test_loops(program):
    check(program)


def test_what_is_no_cell():
    with pytest.raises(TypeError):
        minitf.nn.dynamic_rnn(object(), minitf.zeros([1, 2, 3]), dtype=minitf.float32)
    with pytest.raises(ValueError, match="dtype"):
        minitf.nn.dynamic_rnn(minitf.nn.rnn_cell.GRUCell(2), minitf.zeros([1, 2, 3]))
