"""Pooling, depthwise convolution, normalization, dropout, embeddings and sampled losses against
TensorFlow.
"""

import numpy as np
import pytest

from tests.parity.compare import check, check_error
from tests.parity.test_nn import check_names, inputs, normal, with_gradients

PICTURES, SEQUENCES, VOLUMES = normal(2, 6, 5, 3), normal(2, 6, 3), normal(1, 4, 5, 4, 2)
WINDOW = ([1, 2, 3, 1], [1, 2, 1, 1])
CUBE = ([1, 2, 2, 2, 1], [1, 2, 1, 2, 1])

POOLS = {
    "max_pool": (lambda tf, x: tf.nn.max_pool(x, *WINDOW, "SAME"), PICTURES),
    "max_pool, one number": (lambda tf, x: tf.nn.max_pool(x, 2, 2, "VALID", name="p"), PICTURES),
    "max_pool2d": (lambda tf, x: tf.nn.max_pool2d(x, [2, 2], [2, 2], "SAME"), PICTURES),
    "avg_pool": (lambda tf, x: tf.nn.avg_pool(x, *WINDOW, "SAME"), PICTURES),
    "avg_pool, valid": (lambda tf, x: tf.nn.avg_pool(x, *WINDOW, "VALID"), PICTURES),
    "max_pool1d": (lambda tf, x: tf.nn.max_pool1d(x, 2, 2, "SAME"), SEQUENCES),
    "avg_pool1d": (lambda tf, x: tf.nn.avg_pool1d(x, 3, 2, "SAME"), SEQUENCES),
    "max_pool3d": (lambda tf, x: tf.nn.max_pool3d(x, *CUBE, "SAME"), VOLUMES),
    "avg_pool3d": (lambda tf, x: tf.nn.avg_pool3d(x, *CUBE, "VALID"), VOLUMES),
    "max_pool_with_argmax": (lambda tf, x: tf.nn.max_pool_with_argmax(x, *WINDOW, "SAME"), PICTURES),
    "pool": (lambda tf, x: tf.nn.pool(x, [2, 2], "MAX", "SAME", strides=[2, 1]), PICTURES),
    "pool, dilated": (lambda tf, x: tf.nn.pool(x, [2, 2], "AVG", "VALID", dilation_rate=[2, 1]), PICTURES),
}


@pytest.mark.parametrize("case", POOLS)
def test_pools(case):
    function, *arrays = POOLS[case]
    check(with_gradients(function, *arrays), rtol=1e-4)
    if "dilated" not in case:
        check_names(with_gradients(function, *arrays))


@pytest.mark.parametrize("case", ["max_pool", "avg_pool", "max_pool3d"])
def test_pools_twice(case):
    function, *arrays = POOLS[case]
    check(with_gradients(function, *arrays, second=True), rtol=1e-4)


DEPTHWISE = {
    "depthwise": (
        lambda tf, x, f: tf.nn.depthwise_conv2d(x, f, [1, 1, 1, 1], "SAME"),
        PICTURES,
        normal(3, 2, 3, 2),
    ),
    "depthwise, strides": (
        lambda tf, x, f: tf.nn.depthwise_conv2d(x, f, [1, 2, 2, 1], "VALID"),
        PICTURES,
        normal(3, 2, 3, 1),
    ),
    "depthwise, dilated": (
        lambda tf, x, f: tf.nn.depthwise_conv2d(x, f, [1, 1, 1, 1], "SAME", rate=[2, 2]),
        PICTURES,
        normal(3, 2, 3, 2),
    ),
    "separable": (
        lambda tf, x, f, p: tf.nn.separable_conv2d(x, f, p, [1, 1, 1, 1], "SAME"),
        PICTURES,
        normal(3, 3, 3, 2),
        normal(1, 1, 6, 4),
    ),
}


@pytest.mark.parametrize("case", DEPTHWISE)
def test_depthwise(case):
    function, *arrays = DEPTHWISE[case]
    check(with_gradients(function, *arrays), rtol=1e-4)
    check(with_gradients(function, *arrays, second=True), rtol=1e-4)


SCALE, SHIFT, POSITIVE = normal(3), normal(3) + 1, np.abs(normal(3)) + 0.5

NORMALIZED = {
    "moments": (lambda tf, x: tf.nn.moments(x, [0, 1, 2]), PICTURES),
    "moments, kept": (lambda tf, x: tf.nn.moments(x, [0], keep_dims=True, name="m"), PICTURES),
    "sufficient": (lambda tf, x: tf.nn.sufficient_statistics(x, [0, 1])[:3], PICTURES),
    "normalize_moments": (
        lambda tf, x: tf.nn.normalize_moments(*tf.nn.sufficient_statistics(x, [0], shift=1.0)),
        SEQUENCES,
    ),
    "weighted_moments": (
        lambda tf, x, w: tf.nn.weighted_moments(x, [0], w),
        normal(4, 3),
        np.abs(normal(4, 1)),
    ),
    "batch_normalization": (
        lambda tf, x, m, v, o, s: tf.nn.batch_normalization(x, m, v, o, s, 1e-3),
        PICTURES,
        SHIFT,
        POSITIVE,
        SHIFT,
        SCALE,
    ),
    "batch_normalization, bare": (
        lambda tf, x, m, v: tf.nn.batch_normalization(x, m, v, None, None, 1e-3),
        PICTURES,
        SHIFT,
        POSITIVE,
    ),
    "global": (
        lambda tf, x, m, v, b, g: tf.nn.batch_norm_with_global_normalization(x, m, v, b, g, 1e-3, True),
        PICTURES,
        SHIFT,
        POSITIVE,
        SHIFT,
        SCALE,
    ),
    "fused, training": (lambda tf, x, s, o: tf.nn.fused_batch_norm(x, s, o), PICTURES, SCALE, SHIFT),
    "fused, in use": (
        lambda tf, x, s, o, m, v: tf.nn.fused_batch_norm(x, s, o, m, v, is_training=False),
        PICTURES,
        SCALE,
        SHIFT,
        SHIFT,
        POSITIVE,
    ),
    "lrn": (lambda tf, x: tf.nn.lrn(x, 2, bias=1.5, alpha=0.3, beta=0.75), normal(2, 2, 2, 7)),
    "l2_normalize": (lambda tf, x: tf.nn.l2_normalize(x, 1), SEQUENCES),
}


@pytest.mark.parametrize("case", NORMALIZED)
def test_normalization(case):
    function, *arrays = NORMALIZED[case]
    check(with_gradients(function, *arrays), rtol=1e-4)
    if case not in ("fused, training", "fused, in use", "weighted_moments"):
        check_names(with_gradients(function, *arrays))


def test_zero_fraction():
    check(lambda tf: (tf.nn.zero_fraction([[0.0, 1.0], [2.0, 0.0], [0.0, 3.0]]), {}))


@pytest.mark.parametrize(
    "call",
    [
        lambda tf, x: tf.nn.dropout(x, 0.7),
        lambda tf, x: tf.nn.dropout(x, rate=0.3, seed=5),
        lambda tf, x: tf.nn.dropout(x, rate=tf.constant(0.3)),
        lambda tf, x: tf.nn.dropout(x, keep_prob=tf.constant(0.3), seed=1),
        lambda tf, x: tf.nn.dropout(x, rate=0.5, noise_shape=[4, 1]),
        lambda tf, x: tf.nn.dropout(x, rate=0.5, noise_shape=[None, 1]),
        lambda tf, x: tf.nn.dropout(x, 1.0),
    ],
)
def test_dropout(call):
    def program(tf):
        (x,), feeds = inputs(tf, [normal(4, 3)])
        y = call(tf, x)
        return [y, tf.gradients(y, x)[0]], feeds

    check(program, names=False, graph_seed=7, steps=2)
    check_names(program)


@pytest.mark.parametrize("rate", [-0.1, 1.5, None])
def test_dropout_refuses(rate):
    check_error(lambda tf: (tf.nn.dropout(tf.constant([1.0, 2.0]), rate=rate), {}))


def test_embedding_of_a_variable():
    def program(tf):
        table = tf.Variable(normal(5, 3), name="table")
        ids = tf.constant([[1, 4], [1, 0]])
        rows = tf.nn.embedding_lookup(table, ids)
        (g,) = tf.gradients(rows * rows, table)
        return [rows, g.values, g.indices, g.dense_shape], {}

    check(program)


@pytest.mark.parametrize("strategy", ["mod", "div"])
@pytest.mark.parametrize("sizes", [(3, 3), (3, 2, 2)])
def test_embedding_in_parts(strategy, sizes):
    def program(tf):
        tables, feeds = inputs(tf, [normal(n, 2) + n for n in sizes])
        ids = tf.constant([[1, 4], [5, 0]], tf.int64)
        return tf.nn.embedding_lookup(tables, ids, partition_strategy=strategy), feeds

    check(program)
    check_names(program)


def test_embedding_max_norm():
    def program(tf):
        (table,), feeds = inputs(tf, [normal(5, 3) * 3])
        return tf.nn.embedding_lookup(table, [1, 3, 0], max_norm=1.0), feeds

    check(program)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("combiner", ["sum", "mean", "sqrtn"])
def test_embedding_sparse(combiner, weighted):
    def program(tf):
        (table,), feeds = inputs(tf, [normal(5, 3)])
        places = [[0, 0], [0, 1], [1, 0], [2, 1]]
        ids = tf.SparseTensor(places, tf.constant([1, 3, 0, 1], tf.int64), [3, 2])
        weights = tf.SparseTensor(places, [1.0, 2.0, 0.5, 3.0], [3, 2]) if weighted else None
        return tf.nn.embedding_lookup_sparse(table, ids, weights, combiner=combiner), feeds

    check(program)


@pytest.mark.parametrize("loss", ["nce_loss", "sampled_softmax_loss"])
def test_sampled_losses(loss):
    def program(tf):
        arrays = [normal(20, 3), normal(20), normal(4, 3)]
        (weights, biases, x), feeds = inputs(tf, arrays)
        labels = tf.constant([[1], [4], [0], [9]], tf.int64)
        losses = getattr(tf.nn, loss)(weights, biases, labels, x, 5, 20)
        return [losses, tf.gradients(losses, x)[0]], feeds

    check(program, graph_seed=3, steps=2, rtol=1e-4)


@pytest.mark.parametrize("sampler", ["log_uniform", "uniform", "learned_unigram"])
@pytest.mark.parametrize("unique", [False, True])
def test_samplers(sampler, unique):
    def program(tf):
        sample = getattr(tf.nn, f"{sampler}_candidate_sampler")
        return sample(tf.constant([[1, 2], [4, 3]], tf.int64), 2, 5, unique, 12, seed=4), {}

    check(lambda tf: (list(program(tf)[0]), {}), steps=3, graph_seed=1)


def test_fixed_unigram_sampler():
    def program(tf):
        labels = tf.constant([[1], [3]], tf.int64)
        out = tf.nn.fixed_unigram_candidate_sampler(
            labels, 1, 6, False, 4, unigrams=[1.0, 2.0, 3.0, 4.0], seed=2
        )
        return list(out), {}

    check(program, steps=3, graph_seed=1)


def test_accidental_hits():
    def program(tf):
        labels = tf.constant([[1, 2], [4, 3]], tf.int64)
        return list(tf.nn.compute_accidental_hits(labels, tf.constant([4, 0, 2], tf.int64), 2)), {}

    check(program)


MORPHOLOGY = {
    "dilation2d": (
        lambda tf, x, f: tf.nn.dilation2d(x, f, [1, 1, 1, 1], [1, 1, 1, 1], "SAME"),
        PICTURES,
        normal(3, 2, 3),
    ),
    "dilation2d, strides": (
        lambda tf, x, f: tf.nn.dilation2d(x, f, [1, 2, 1, 1], [1, 2, 1, 1], "VALID"),
        PICTURES,
        normal(2, 2, 3),
    ),
    "erosion2d": (
        lambda tf, x, f: tf.nn.erosion2d(x, f, [1, 1, 1, 1], [1, 1, 1, 1], "SAME"),
        PICTURES,
        normal(3, 2, 3),
    ),
}


@pytest.mark.parametrize("case", MORPHOLOGY)
def test_morphology(case):
    function, *arrays = MORPHOLOGY[case]
    check(with_gradients(function, *arrays), rtol=1e-4)
    check_names(with_gradients(function, *arrays))


def sequence_labels(tf):
    places = [[0, 0], [0, 1], [1, 0], [1, 1], [1, 2]]
    return tf.SparseTensor(places, tf.constant([1, 2, 0, 0, 1], tf.int32), [2, 3])


@pytest.mark.parametrize(
    "arguments", [{}, {"ctc_merge_repeated": False}, {"preprocess_collapse_repeated": True}]
)
def test_ctc_loss(arguments):
    def program(tf):
        (x,), feeds = inputs(tf, [normal(6, 2, 4)])
        loss = tf.nn.ctc_loss(sequence_labels(tf), x, [5, 6], **arguments)
        return [loss, *tf.gradients(loss, x)], feeds

    check(program, rtol=1e-4)


def test_ctc_needs_time():
    def program(tf):
        (x,), feeds = inputs(tf, [normal(6, 2, 4)])
        return tf.nn.ctc_loss(sequence_labels(tf), x, [5, 2]), feeds

    check_error(program)


@pytest.mark.parametrize("merge_repeated", [True, False])
def test_ctc_decoders(merge_repeated):
    def program(tf):
        (x,), feeds = inputs(tf, [normal(7, 2, 4) * 2])
        (greedy,), score = tf.nn.ctc_greedy_decoder(x, [5, 7], merge_repeated)
        beams, scores = tf.nn.ctc_beam_search_decoder(x, [5, 7], 20, 2, merge_repeated)
        return [
            greedy.indices,
            greedy.values,
            greedy.dense_shape,
            score,
            scores,
            *(b.values for b in beams),
        ], feeds

    check(program, rtol=1e-4)
