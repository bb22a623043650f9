"""The workloads as TensorFlow 1 programs.  `programs(tf)` takes minitf, or `tensorflow.compat.v1`."""

import numpy as np

from benchmarks import workloads as w


def programs(tf):
    """{workload: a function that builds it and returns `step(i)`}"""
    return {
        "W1a": lambda: add(tf),
        "W1b": lambda: chain_of_scalars(tf),
        "W2-sgd": lambda: perceptron(tf, w.WIDE, gradient_descent(tf), w.classified(128, 784)),
        "W2-sgd-32": lambda: perceptron(tf, w.WIDE, gradient_descent(tf), w.classified(32, 784)),
        "W2-adam": lambda: perceptron(tf, w.WIDE, adam(tf), w.classified(128, 784)),
        "W3": lambda: convolutions(tf),
        "W4-sgd": lambda: perceptron(tf, w.SMALL, gradient_descent(tf), w.digits()),
        "W4-adam": lambda: perceptron(tf, w.SMALL, adam(tf), w.digits()),
        "W5": lambda: product(tf, 2048),
        "W5-1024": lambda: product(tf, 1024),
        "W6": lambda: of_variables(tf, lambda x: elementwise(tf, x), w.weights(w.CHAIN, scale=1)),
        "W7-sum": lambda: of_matrix(tf, lambda x: tf.reduce_sum(x, 1)),
        "W7-max": lambda: of_matrix(tf, lambda x: tf.reduce_max(x, 1)),
        "W7-columns": lambda: of_matrix(tf, lambda x: tf.reduce_sum(x, 0)),
        "W7-softmax": lambda: of_matrix(tf, tf.nn.softmax),
        "W8": lambda: recurrent(tf, layer_of_cells),
        "W8-cells": lambda: recurrent(tf, cells_written_out),
        "W9": lambda: embeddings(tf),
    }


def gradient_descent(tf):
    return lambda: tf.train.GradientDescentOptimizer(0.05)


def adam(tf):
    return lambda: tf.train.AdamOptimizer(0.001)


def add(tf):
    with tf.Graph().as_default() as graph:
        a, b = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
        total = a + b
    session = tf.Session(graph=graph)
    return lambda i: session.run(total, {a: 1.0, b: 2.0})


def chain_of_scalars(tf):
    with tf.Graph().as_default() as graph:
        a, b = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
        found = a
        for _ in range(50):
            found = found * b + a
    session = tf.Session(graph=graph)
    return lambda i: session.run(found, {a: 1.0, b: 0.5})


def dense(tf, x, size, number):
    kernel = tf.get_variable(f"kernel{number}", initializer=w.weights(int(x.shape[1]), size, seed=number))
    bias = tf.get_variable(f"bias{number}", initializer=np.zeros(size, np.float32))
    return tf.matmul(x, kernel) + bias


def mean_loss(tf, classes, logits):
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=classes, logits=logits))


def training(tf, graph, inputs, loss, optimizer, batches):
    """`step(i)`: one step of training on batch i, which returns the loss."""
    with graph.as_default():
        train = optimizer().minimize(loss)
        initialize = tf.global_variables_initializer()
    session = tf.Session(graph=graph)
    session.run(initialize)
    fetches = [train, loss]
    return lambda i: session.run(fetches, dict(zip(inputs, batches[i % w.BATCHES], strict=True)))[1]


def perceptron(tf, sizes, optimizer, batches):
    with tf.Graph().as_default() as graph:
        x, classes = tf.placeholder(tf.float32, [None, sizes[0]]), tf.placeholder(tf.int32, [None])
        hidden = x
        for number, size in enumerate(sizes[1:-1]):
            hidden = tf.nn.relu(dense(tf, hidden, size, number))
        loss = mean_loss(tf, classes, dense(tf, hidden, sizes[-1], len(sizes)))
    return training(tf, graph, [x, classes], loss, optimizer, batches)


def convolutions(tf):
    with tf.Graph().as_default() as graph:
        x, classes = tf.placeholder(tf.float32, [None, 28, 28, 1]), tf.placeholder(tf.int32, [None])
        hidden = x
        for name, shape in (("first", (5, 5, 1, 32)), ("second", (5, 5, 32, 64))):
            kernel = tf.get_variable(name, initializer=w.weights(*shape))
            bias = tf.get_variable(name + "_bias", initializer=np.zeros(shape[-1], np.float32))
            hidden = tf.nn.conv2d(hidden, kernel, strides=[1, 1, 1, 1], padding="SAME")
            hidden = tf.nn.relu(tf.nn.bias_add(hidden, bias))
            hidden = tf.nn.max_pool(hidden, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
        hidden = tf.nn.relu(dense(tf, tf.reshape(hidden, [-1, 7 * 7 * 64]), 1024, 3))
        loss = mean_loss(tf, classes, dense(tf, hidden, 10, 4))
    return training(tf, graph, [x, classes], loss, adam(tf), w.classified(64, 28, 28, 1))


def of_variables(tf, function, *arrays):
    """`function` of variables that hold `arrays`; what it gives stays in the engine."""
    with tf.Graph().as_default() as graph:
        holders = [tf.placeholder(tf.float32, a.shape) for a in arrays]
        variables = [tf.Variable(holder, trainable=False) for holder in holders]
        found = function(*variables).op
        initialize = tf.global_variables_initializer()
    session = tf.Session(graph=graph)
    session.run(initialize, dict(zip(holders, arrays, strict=True)))
    return lambda i: session.run(found)


def product(tf, size):
    return of_variables(tf, tf.matmul, w.weights(size, size), w.weights(size, size, seed=2))


def of_matrix(tf, function):
    return of_variables(tf, function, w.weights(4096, 4096, scale=1))


def elementwise(tf, x):
    found = tf.exp(tf.tanh(x) * 0.5 + 1.0)
    return tf.maximum(tf.sqrt(tf.abs(found * x - x)) - 0.1, 0.0)


def recurrent(tf, layer):
    with tf.Graph().as_default() as graph:
        x, classes = tf.placeholder(tf.float32, [None, 28, 28]), tf.placeholder(tf.int32, [None])
        kernel = tf.get_variable("kernel", initializer=w.weights(28 + w.UNITS, 4 * w.UNITS))
        bias = tf.get_variable("bias", initializer=np.zeros(4 * w.UNITS, np.float32))
        output = layer(tf, x, kernel, bias, tf.zeros([tf.shape(x)[0], w.UNITS]))
        output.set_shape([None, w.UNITS])
        loss = mean_loss(tf, classes, dense(tf, output, 10, 2))
    return training(tf, graph, [x, classes], loss, adam(tf), w.classified(64, 28, 28))


def layer_of_cells(tf, x, kernel, bias, start):
    """The last output of a layer of LSTM cells in one operation."""
    peephole = tf.zeros([w.UNITS])  # not used
    found = tf.raw_ops.BlockLSTM(
        seq_len_max=tf.constant(28, tf.int64), x=tf.transpose(x, [1, 0, 2]), cs_prev=start, h_prev=start, w=kernel,
        wci=peephole, wcf=peephole, wco=peephole, b=bias, forget_bias=1.0, cell_clip=-1.0,
    )  # fmt: skip
    return found[6][27]


def cells_written_out(tf, x, kernel, bias, start):
    output = cell = start
    for row in tf.unstack(x, 28, 1):
        gates = tf.matmul(tf.concat([row, output], 1), kernel) + bias
        i, new, forget, out = tf.split(gates, 4, 1)
        cell = cell * tf.sigmoid(forget + 1.0) + tf.sigmoid(i) * tf.tanh(new)
        output = tf.tanh(cell) * tf.sigmoid(out)
    return output


def embeddings(tf):
    with tf.Graph().as_default() as graph:
        centres, contexts, samples = (tf.placeholder(tf.int32, [None]) for _ in range(3))
        table = tf.get_variable("table", initializer=w.weights(w.VOCABULARY, w.WIDTH, scale=0.05))
        output = tf.get_variable("output", initializer=w.weights(w.VOCABULARY, w.WIDTH, seed=2, scale=0.05))
        bias = tf.get_variable("bias", initializer=np.zeros(w.VOCABULARY, np.float32))
        look_up = tf.nn.embedding_lookup
        centre = look_up(table, centres)
        true = tf.reduce_sum(centre * look_up(output, contexts), 1) + look_up(bias, contexts)
        false = tf.matmul(centre, look_up(output, samples), transpose_b=True) + look_up(bias, samples)
        entropy = tf.nn.sigmoid_cross_entropy_with_logits
        loss = tf.reduce_sum(entropy(labels=tf.ones_like(true), logits=true))
        loss = (loss + tf.reduce_sum(entropy(labels=tf.zeros_like(false), logits=false))) / w.PAIRS
    descent = lambda: tf.train.GradientDescentOptimizer(0.5)  # noqa: E731 - as short as the formula
    return training(tf, graph, [centres, contexts, samples], loss, descent, w.word_pairs())
