"""Small networks of the kinds that people build first, trained for a step or two, and arithmetic with broadcasting."""

import functools
import operator

import numpy as np

import minitf as tf
from minitf.kernels import threads as pools

_CHUNKS = 3 * 4096  # elements: neighbours in a graph then run chunk by chunk


def programs():
    """[(name, function that runs it)]"""
    found = [(f"optimizer {name}", functools.partial(perceptron, make)) for name, make in _optimizers().items()]
    found += [(f"layer {f.__name__}", functools.partial(perceptron, _adam, f)) for f in _ACTIVATIONS]
    found += [(f"loss {name}", functools.partial(_loss, name)) for name in _LOSSES]
    found += [(f"cell {name}", functools.partial(recurrent, name)) for name in _CELLS]
    found += [(f"pictures {n}", functools.partial(convolutions, *a)) for n, a in enumerate(_PICTURES)]
    found += [(f"arithmetic {d}", functools.partial(arithmetic, d)) for d in ("float32", "float64", "int32", "int64")]
    others = embedding, layer_of_cells, chain, product, loop, threads, large
    return [*found, *((f"program {f.__name__}", f) for f in others)]


def _adam():
    return tf.train.AdamOptimizer(0.001)


def _optimizers():
    t = tf.train
    return {
        "descent": lambda: t.GradientDescentOptimizer(0.1), "momentum": lambda: t.MomentumOptimizer(0.1, 0.9),
        "nesterov": lambda: t.MomentumOptimizer(0.1, 0.9, use_nesterov=True), "adam": _adam,
        "adagrad": lambda: t.AdagradOptimizer(0.1), "adadelta": lambda: t.AdadeltaOptimizer(0.1),
        "rmsprop": lambda: t.RMSPropOptimizer(0.1, momentum=0.9), "ftrl": lambda: t.FtrlOptimizer(0.1),
    }  # fmt: skip


_ACTIVATIONS = (
    tf.nn.relu, tf.nn.relu6, tf.nn.elu, tf.nn.selu, tf.nn.leaky_relu, tf.sigmoid, tf.tanh, tf.nn.softplus,
    tf.nn.softsign, tf.nn.softmax,
)  # fmt: skip


def perceptron(optimizer, activation=tf.nn.relu, loss=None):
    """Two dense layers with dropout on a batch of numbers, as the first exercise has it."""
    with tf.Graph().as_default():
        x, classes = tf.placeholder(tf.float32, [None, 64]), tf.placeholder(tf.int64, [None])
        hidden = tf.layers.dense(x, 32, activation)
        hidden = tf.layers.dropout(tf.layers.dense(hidden, 256, activation), 0.3, training=True)
        logits = tf.layers.dense(hidden, 10)
        right = tf.equal(tf.argmax(logits, 1), classes)
        found = (loss or _sparse)(logits, classes)
        found += 0.0 * tf.reduce_mean(tf.cast(right, tf.float32))  # as programs print it beside the loss
        _train(found, optimizer, {x: _normal(32, 64), classes: np.arange(32) % 10})


def _sparse(logits, classes):
    return tf.losses.sparse_softmax_cross_entropy(tf.cast(classes, tf.int32), logits)


def _hot(classes):
    return tf.one_hot(classes, 10)


_LOSSES = {
    "softmax": lambda y, c: tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=_hot(c), logits=y)),
    "sigmoid": lambda y, c: tf.losses.sigmoid_cross_entropy(_hot(c), y),
    "squares": lambda y, c: tf.losses.mean_squared_error(_hot(c), y),
    "written": lambda y, c: -tf.reduce_mean(tf.reduce_sum(_hot(c) * tf.log(tf.nn.softmax(y) + 1e-9), 1)),
    "distance": lambda y, c: tf.losses.absolute_difference(_hot(c), y),
    "hinge": lambda y, c: tf.losses.hinge_loss(_hot(c), y),
    "huber": lambda y, c: tf.losses.huber_loss(_hot(c), y),
    "log": lambda y, c: tf.losses.log_loss(_hot(c), tf.sigmoid(y)),
}


def _loss(name):
    def with_decay(logits, classes):
        return _LOSSES[name](logits, classes) + 0.01 * sum(tf.nn.l2_loss(v) for v in tf.trainable_variables())

    perceptron(_adam, loss=with_decay)


_PICTURES = (  # width, channels, sizes of kernels, strides, padding, how it pools, whether it normalizes
    (28, 1, (5, 5), 1, "SAME", "max_pooling2d", False),
    (32, 3, (3, 3), 1, "SAME", "max_pooling2d", True),
    (32, 3, (3, 3), 1, "VALID", "average_pooling2d", True),
    (28, 1, (3, 1), 2, "SAME", "max_pooling2d", False),
)


def convolutions(width, channels, kernels, stride, padding, pool, normal):
    """Two convolutions with pooling, and dense layers, for many pictures and for one."""
    with tf.Graph().as_default():
        x, classes = tf.placeholder(tf.float32, [None, width, width, channels]), tf.placeholder(tf.int64, [None])
        hidden = x
        for size, count in zip(kernels, (32, 64), strict=True):
            hidden = tf.layers.conv2d(hidden, count, size, stride, padding, activation=None if normal else tf.nn.relu)
            if normal:
                hidden = tf.nn.relu(tf.layers.batch_normalization(hidden, training=True))
            hidden = getattr(tf.layers, pool)(hidden, 2, 2)
        hidden = tf.layers.dense(tf.layers.flatten(hidden), 128, tf.nn.relu)
        batches = [{x: _normal(n, width, width, channels), classes: np.arange(n) % 10} for n in (64, 1)]
        _train(_sparse(tf.layers.dense(hidden, 10), classes), _adam, *batches)


_CELLS = {
    "BasicRNNCell": {}, "BasicLSTMCell": {}, "LSTMCell": {"use_peepholes": True}, "GRUCell": {},
}  # fmt: skip


def recurrent(name):
    """A cell over a sequence, unrolled and in a loop."""
    for unroll in (True, False):
        with tf.Graph().as_default():
            x, classes = tf.placeholder(tf.float32, [None, 6, 16]), tf.placeholder(tf.int64, [None])
            cell = getattr(tf.nn.rnn_cell, name)(128, **_CELLS[name])
            if unroll:
                output = tf.nn.static_rnn(cell, tf.unstack(x, 6, 1), dtype=tf.float32)[0][-1]
            else:
                output = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)[0][:, -1]
            feeds = {x: _normal(64, 6, 16), classes: np.arange(64) % 10}
            _train(_sparse(tf.layers.dense(output, 10), classes), _adam, feeds)


def layer_of_cells():
    """A layer of LSTM cells in one operation, for many sequences."""
    with tf.Graph().as_default():
        x, start, unused = tf.Variable(_normal(6, 64, 28)), tf.zeros([64, 128]), tf.zeros([128])
        found = tf.raw_ops.BlockLSTM(
            seq_len_max=tf.constant(6, tf.int64), x=x, cs_prev=start, h_prev=start, w=tf.Variable(_normal(156, 512)),
            wci=unused, wcf=unused, wco=unused, b=tf.Variable(_normal(512)), forget_bias=1.0, cell_clip=-1.0,
        )  # fmt: skip
        _train(tf.reduce_sum(found[6][5]), _adam, {})


def embedding():
    """Words that stand together, with sampled classes."""
    for optimizer in _optimizers().values():
        with tf.Graph().as_default():
            words, labels = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.int32, [None, 1])
            table = tf.Variable(tf.random_uniform([500, 32], -1.0, 1.0))
            weights = tf.Variable(tf.truncated_normal([500, 32], stddev=0.1))
            inputs = tf.nn.embedding_lookup(table, words)
            loss = tf.reduce_mean(tf.nn.nce_loss(weights, tf.Variable(tf.zeros([500])), labels, inputs, 16, 500))
            loss += tf.reduce_mean(tf.reduce_sum(inputs * tf.nn.embedding_lookup(weights, words), 1))
            _train(loss, optimizer, {words: np.arange(32), labels: np.arange(32)[:, None]})


def arithmetic(dtype):
    """Numbers, rows, columns and matrices with each other, and what a program counts with."""
    operators = [operator.add, operator.sub, operator.mul, tf.maximum, tf.minimum, tf.greater, tf.less, tf.equal]
    operators += [tf.squared_difference, tf.divide, tf.greater_equal, tf.not_equal]
    shapes = ([], [1], [5], [4, 5], [4, 1], [1, 5], [3, 4, 5], [3, 1, 5], [4, 1, 1])
    with tf.Graph().as_default(), tf.Session() as session:
        inputs = [tf.placeholder(dtype, shape) for shape in shapes]
        fetches = [o(a, b) for o in operators for a in inputs[:-1] for b in inputs[:-1]]
        for f in (tf.reduce_sum, tf.reduce_mean, tf.reduce_max, tf.argmax):
            fetches += [f(x, axis) for x in inputs[2:] for axis in (0, -1)]
        fetches += [tf.cast(x, other) for x in inputs for other in ("float32", "float64", "int32", "int64", "bool")]
        session.run(fetches, {x: np.ones(x.shape.as_list(), dtype) for x in inputs})


def chain():
    """Elementwise operations on many numbers."""
    with tf.Graph().as_default():
        x = tf.Variable(_normal(_CHUNKS))
        found = tf.exp(tf.tanh(x) * 0.5 + 1.0)
        _train(tf.reduce_sum(tf.maximum(tf.sqrt(tf.abs(found * x - x) + 1.0) - 0.1, 0.0)), _adam, {})


def product():
    """Products that are cut into tiles, one at a time and many."""
    for dtype in ("float32", "float64"):
        with tf.Graph().as_default():
            a, b = (tf.Variable(_normal(s, 160, 160).astype(dtype)) for s in (1, 3))
            loss = tf.reduce_sum(tf.matmul(a[0], a[0])) + tf.reduce_sum(tf.matmul(b, b, transpose_b=True))
            _train(loss, _adam, {})


def large():
    """Softmax of more numbers than caches hold, whose result goes past them."""
    with tf.Graph().as_default(), tf.Session() as session:
        session.run(tf.nn.softmax(tf.zeros([4100, 2064])))


def threads():
    """The worker threads begin and end."""
    pools.Pool().stop()


def loop():
    """A `while_loop` with a gradient, and a `cond`."""
    with tf.Graph().as_default():
        x = tf.Variable(_normal(4))
        _, found = tf.while_loop(lambda i, v: i < 5, lambda i, v: (i + 1, tf.tanh(v * x)), [0, x])
        found = tf.cond(tf.reduce_sum(x) > 0, lambda: found * 2, lambda: found)
        _train(tf.reduce_sum(found), _adam, {})


def _train(loss, optimizer, *batches):
    with tf.Session() as session:
        with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
            fetches = [optimizer().minimize(loss), loss]
        session.run(tf.global_variables_initializer())
        for feeds in batches:
            session.run(fetches, feeds)


def _normal(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)
