"""Losses with sampled classes: a few wrong classes stand for all of them.

The samplers are in `kernels/candidates.py`, and draw the classes that TensorFlow draws from the same seeds.

Source: Gutmann and Hyvärinen, "Noise-contrastive estimation", AISTATS 2010; Jean, Cho, Memisevic and
Bengio, "On using very large target vocabulary for neural machine translation", ACL 2015.
"""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.kernels import candidates as kernels
from minitf.kernels.machine import Launch, Stretch
from minitf.ops.array import expand_dims, ones, ones_like, reshape, shape_of, stop_gradient, zeros_like
from minitf.ops.casting import cast
from minitf.ops.constant import convert_to_tensor
from minitf.ops.cross_entropy import softmax_cross_entropy_with_logits_v2
from minitf.ops.embedding import embedding_lookup
from minitf.ops.examples import array, example, integers
from minitf.ops.joining import concat, stack
from minitf.ops.logistic import sigmoid_cross_entropy_with_logits
from minitf.ops.matmul import matmul
from minitf.ops.op import Op
from minitf.ops.random import RandomUniform, seed_attrs
from minitf.ops.slicing import slice

random_state = RandomUniform.state


class _Sampler(Op, abstract=True):
    """num_sampled classes, and how often each of them, and each true class, is expected among them."""

    inputs = {"true_classes": "int64"}
    attrs = {"seed": 0, "seed2": 0}
    stateful = True
    gradient = None

    def infer(op, true_classes):
        shape = true_classes.shape.with_rank(2).merge_with([None, op.attrs["num_true"]])
        sampled = TensorShape([op.attrs["num_sampled"]])
        return [(sampled, dtypes.int64), (shape, dtypes.float32), (sampled, dtypes.float32)]

    state = random_state

    def cpu(op, state, true_classes, sampled, true_expected, sampled_expected):
        kernel, tables, range_max = op.definition.sampler(op, state)
        seen = np.empty(range_max, np.uint8)
        return [
            Launch(
                kernel,
                state[:3],
                *tables,
                int(op.attrs["unique"]),
                true_classes.reshape(-1),
                seen,
                sampled,
                true_expected.reshape(-1),
                sampled_expected,
            )
        ]

    def numpy(op, state, true_classes):
        count = op.attrs["num_sampled"]
        out = np.empty(count, np.int64), np.empty(true_classes.shape, np.float32), np.empty(count, np.float32)
        true_classes = np.ascontiguousarray(true_classes)
        if Stretch(op.definition.cpu(op, state, true_classes, *out)).run() >= 0:
            raise op.definition.explain(op, true_classes)
        return out


_FIVE = {"num_true": 1, "num_sampled": 5, "unique": True, "range_max": 9, "seed": 1, "seed2": 2}


class LogUniformCandidateSampler(_Sampler):
    """Classes by Zipf's law: class 0 the most frequent."""

    examples = [example(integers(0, 9, 3, 1, dtype=np.int64), **_FIVE)]

    def sampler(op, state):
        return kernels.log_uniform_sample, (op.attrs["range_max"],), op.attrs["range_max"]


class UniformCandidateSampler(_Sampler):
    """Classes that are all equally likely."""

    examples = [example(integers(0, 9, 3, 1, dtype=np.int64), **_FIVE)]

    def sampler(op, state):
        return kernels.uniform_sample, (op.attrs["range_max"],), op.attrs["range_max"]


class LearnedUnigramCandidateSampler(_Sampler):
    """Classes as likely as they were true so far."""

    examples = [example(integers(0, 9, 3, 1, dtype=np.int64), **_FIVE)]

    def state(op):
        counts = np.ones(op.attrs["range_max"], np.uint64)
        return np.concatenate([random_state(op), counts])

    def sampler(op, state):
        size = op.attrs["range_max"]
        return kernels.learned_unigram_sample, (state[3:].view(np.int64), np.empty(size, np.int64)), size


class FixedUnigramCandidateSampler(_Sampler):
    """Classes of given weights."""

    attrs = {
        "seed": 0,
        "seed2": 0,
        "vocab_file": "",
        "distortion": 1.0,
        "num_reserved_ids": 0,
        "num_shards": 1,
        "shard": 0,
    }
    examples = [
        example(
            integers(0, 4, 3, 1, dtype=np.int64),
            **{**_FIVE, "range_max": 4, "unique": False},
            unigrams=[1.0, 2.0, 3.0, 4.0],
        )
    ]

    def sampler(op, state):
        weights = _weights(op.attrs)
        return kernels.fixed_unigram_sample, kernels.alias_table(weights), len(weights)


def _weights(attrs):
    unigrams = attrs["unigrams"]
    if attrs["vocab_file"]:
        with open(attrs["vocab_file"]) as lines:
            unigrams = [float(line.rsplit(",", 1)[-1]) for line in lines if line.strip()]
    reserved = np.zeros(attrs["num_reserved_ids"], np.float32)
    weights = np.concatenate([reserved, np.asarray(unigrams, np.float32) ** np.float32(attrs["distortion"])])
    if len(weights) != attrs["range_max"]:
        raise ValueError(f"range_max is {attrs['range_max']}, but there are {len(weights)} weights")
    return weights[attrs["shard"] :: attrs["num_shards"]]


class AllCandidateSampler(Op):
    """All classes, once each."""

    inputs = {"true_classes": "int64"}
    attrs = {"seed": 0, "seed2": 0}
    stateful = True
    gradient = None
    infer = _Sampler.infer
    examples = [example(integers(0, 5, 3, 1, dtype=np.int64), num_true=1, num_sampled=5, unique=True)]

    def numpy(op, true_classes):
        count = op.attrs["num_sampled"]
        return np.arange(count), np.ones(true_classes.shape, np.float32), np.ones(count, np.float32)


class ComputeAccidentalHits(Op):
    """Where a sampled class is a true one: rows, places among the sampled, and -FLT_MAX to add to the
    logits there.
    """

    inputs = {"true_classes": "int64", "sampled_candidates": "int64"}
    attrs = {"seed": 0, "seed2": 0}
    gradient = None
    foldable = False
    examples = [example(array([[1], [2], [4]], np.int64), array([4, 1, 0], np.int64), num_true=1)]

    def infer(op, true_classes, sampled_candidates):
        unknown = TensorShape([None])
        return [(unknown, dtypes.int32), (unknown, dtypes.int64), (unknown, dtypes.float32)]

    def numpy(op, true_classes, sampled_candidates):
        hits = (true_classes[:, :, None] == sampled_candidates).any(1)
        rows, places = np.nonzero(hits)
        return rows.astype(np.int32), places, np.full(len(rows), np.finfo(np.float32).min)


def _sample(definition, true_classes, num_true, num_sampled, unique, seed, name, **attrs):
    op = definition.make(
        true_classes,
        num_true=num_true,
        num_sampled=num_sampled,
        unique=bool(unique),
        **attrs,
        **seed_attrs(seed),
        name=name,
    )
    return tuple(op.outputs)


def log_uniform_candidate_sampler(
    true_classes, num_true, num_sampled, unique, range_max, seed=None, name=None
):
    """tf.nn.log_uniform_candidate_sampler: classes by Zipf's law; those with small numbers are frequent.

    true_classes (batch, num_true) int64.  Returns (sampled (num_sampled,) int64, how often each true
    class is expected among them, and each sampled class).  `unique` forbids a class to be drawn twice.
    """
    return _sample(LogUniformCandidateSampler, true_classes, num_true, num_sampled, unique, seed, name,
                   range_max=range_max)  # fmt: skip


def uniform_candidate_sampler(true_classes, num_true, num_sampled, unique, range_max, seed=None, name=None):
    """tf.nn.uniform_candidate_sampler: classes that are all equally likely."""
    return _sample(UniformCandidateSampler, true_classes, num_true, num_sampled, unique, seed, name,
                   range_max=range_max)  # fmt: skip


def learned_unigram_candidate_sampler(
    true_classes, num_true, num_sampled, unique, range_max, seed=None, name=None
):
    """tf.nn.learned_unigram_candidate_sampler: classes as likely as they were true in the runs before."""
    return _sample(LearnedUnigramCandidateSampler, true_classes, num_true, num_sampled, unique, seed, name,
                   range_max=range_max)  # fmt: skip


def fixed_unigram_candidate_sampler(
    true_classes,
    num_true,
    num_sampled,
    unique,
    range_max,
    vocab_file="",
    distortion=1.0,
    num_reserved_ids=0,
    num_shards=1,
    shard=0,
    unigrams=(),
    seed=None,
    name=None,
):
    """tf.nn.fixed_unigram_candidate_sampler: classes as likely as unigrams[c]**distortion.

    The weights may also be the last entries of the lines of `vocab_file`.
    """
    attrs = {
        "range_max": range_max,
        "vocab_file": vocab_file,
        "distortion": float(distortion),
        "num_reserved_ids": num_reserved_ids,
        "num_shards": num_shards,
        "shard": shard,
        "unigrams": list(unigrams),
    }
    return _sample(
        FixedUnigramCandidateSampler, true_classes, num_true, num_sampled, unique, seed, name, **attrs
    )


def all_candidate_sampler(true_classes, num_true, num_sampled, unique, seed=None, name=None):
    """tf.nn.all_candidate_sampler: all classes, for tests."""
    return _sample(AllCandidateSampler, true_classes, num_true, num_sampled, unique, seed, name)


def compute_accidental_hits(true_classes, sampled_candidates, num_true, seed=None, name=None):
    """tf.nn.compute_accidental_hits: (rows, places, weights) where a sampled class is true, weights being
    -FLT_MAX.
    """
    op = ComputeAccidentalHits.make(
        true_classes, sampled_candidates, num_true=num_true, **seed_attrs(seed), name=name
    )
    return tuple(op.outputs)


def nce_loss(
    weights,
    biases,
    labels,
    inputs,
    num_sampled,
    num_classes,
    num_true=1,
    sampled_values=None,
    remove_accidental_hits=False,
    partition_strategy="mod",
    name="nce_loss",
):
    """tf.nn.nce_loss: noise-contrastive estimation: tell the true classes from sampled ones, each a
    yes-or-no question.

    weights (num_classes, dim), possibly in parts; biases (num_classes,); labels (batch, num_true) int64;
    inputs (batch, dim).  Returns the loss of each example, (batch,).  `sampled_values` is what a sampler
    returned, the log-uniform one by default.
    """
    logits, targets = _sampled_logits(
        weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values, True,
        remove_accidental_hits, partition_strategy, name, None,
    )  # fmt: skip
    losses = sigmoid_cross_entropy_with_logits(labels=targets, logits=logits, name="sampled_losses")
    return _sum_rows(losses)


def sampled_softmax_loss(
    weights,
    biases,
    labels,
    inputs,
    num_sampled,
    num_classes,
    num_true=1,
    sampled_values=None,
    remove_accidental_hits=True,
    partition_strategy="mod",
    name="sampled_softmax_loss",
    seed=None,
):
    """tf.nn.sampled_softmax_loss: softmax cross entropy over the true and some sampled classes.

    Arguments as for `nce_loss`.  For training only: it underestimates the loss over all classes.
    """
    logits, targets = _sampled_logits(
        weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values, True,
        remove_accidental_hits, partition_strategy, name, seed,
    )  # fmt: skip
    targets = stop_gradient(targets, name="labels_stop_gradient")
    return softmax_cross_entropy_with_logits_v2(labels=targets, logits=logits)


def _sum_rows(x):
    columns = shape_of(x)[1]
    return reshape(matmul(x, ones(stack([columns, 1]), x.dtype)), [-1])


def _sampled_logits(
    weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values, subtract_log_q,
    remove_accidental_hits, partition_strategy, name, seed,
):  # fmt: skip
    """(logits, labels) of the true classes, then of the sampled ones: (batch, num_true + num_sampled)."""
    from minitf.ops.exponentials import log

    weights = list(weights) if isinstance(weights, (list, tuple)) else [weights]
    with name_scope(name, "compute_sampled_logits", [*weights, biases, inputs, labels]):
        labels = convert_to_tensor(labels)
        labels = labels if labels.dtype.base_dtype is dtypes.int64 else cast(labels, dtypes.int64)
        flat = reshape(labels, [-1])
        if sampled_values is None:
            sampled_values = log_uniform_candidate_sampler(
                labels, num_true, num_sampled, True, num_classes, seed
            )
        sampled, true_expected, sampled_expected = (stop_gradient(v) for v in sampled_values)
        sampled = cast(sampled, dtypes.int64)
        ids = concat([flat, sampled], 0)
        rows = embedding_lookup(weights, ids, partition_strategy)
        true_rows, sampled_rows = _split_rows(rows, shape_of(flat)[0])
        sampled_logits = matmul(inputs, sampled_rows, transpose_b=True)
        numbers = embedding_lookup(biases, ids, partition_strategy)
        true_biases, sampled_biases = (
            slice(numbers, [0], shape_of(flat)),
            slice(numbers, shape_of(flat), [-1]),
        )
        true_logits = _dot_rows(inputs, true_rows, num_true) + reshape(true_biases, [-1, num_true])
        sampled_logits = sampled_logits + sampled_biases
        if remove_accidental_hits:
            sampled_logits = sampled_logits + _hits(labels, sampled, num_true, num_sampled)
        if subtract_log_q:
            true_logits = true_logits - log(true_expected)
            sampled_logits = sampled_logits - log(sampled_expected)
        logits = concat([true_logits, sampled_logits], 1)
        targets = concat([ones_like(true_logits) / num_true, zeros_like(sampled_logits)], 1)
        return logits, targets


def _split_rows(rows, count):
    return slice(rows, [0, 0], stack([count, -1])), slice(rows, stack([count, 0]), [-1, -1])


def _dot_rows(inputs, rows, num_true):
    """The product of each input with the rows of its true classes: (batch, num_true)."""
    dim = shape_of(rows)[1:2]
    products = expand_dims(inputs, 1) * reshape(rows, concat([[-1, num_true], dim], 0))
    return reshape(_sum_rows(reshape(products, concat([[-1], dim], 0))), [-1, num_true])


def _hits(labels, sampled, num_true, num_sampled):
    """Very low numbers where a sampled class is a true one, 0 elsewhere: (batch, num_sampled)."""
    from minitf.ops.scattering import scatter_nd

    rows, places, weights = compute_accidental_hits(labels, sampled, num_true)
    indices = concat(
        [reshape(rows, [-1, 1]), reshape(cast(places, dtypes.int32), [-1, 1])], 1, name="sparse_indices"
    )
    shape = concat([shape_of(labels)[:1], expand_dims(num_sampled, 0)], 0)
    return scatter_nd(indices, weights, shape)
