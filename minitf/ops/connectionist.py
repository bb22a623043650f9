"""Connectionist temporal classification: the loss of a label sequence whose alignment is not known, and
decoders.

A network gives, for each step in time, scores of the classes and of a *blank*.  A path (one class or
blank a step) spells a label sequence when repeated classes are merged and then blanks dropped.  The loss
is minus the log of the sum of the probabilities of all paths that spell the labels.

Source: Graves, Fernández, Gomez and Schmidhuber, "Connectionist temporal classification", ICML 2006.
"""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.ops.arithmetic import multiply
from minitf.ops.array import expand_dims
from minitf.ops.constant import convert_to_tensor
from minitf.ops.examples import array, example, normal
from minitf.ops.op import Op
from minitf.ops.sparse_tensor import SparseTensor
from minitf.ops.transposing import transpose


def _log_softmax(x):
    moved = x - x.max(-1, keepdims=True)
    return moved - np.log(np.exp(moved).sum(-1, keepdims=True))


def _with_blanks(labels, blank):
    """blank, label, blank, label, ..., blank"""
    out = np.full(2 * len(labels) + 1, blank)
    out[1::2] = labels
    return out


def _may_skip(spelled, blank, merge_repeated):
    """Whether a path may go to place s from s - 2: leave out a blank between different labels."""
    skip = np.zeros(len(spelled), bool)
    is_label = spelled[2:] != blank
    skip[2:] = is_label & (spelled[2:] != spelled[:-2]) if merge_repeated else is_label
    return skip


def _forward(scores, skip, stay):
    """alpha[t, s]: log of the probability of all path beginnings that end at step t in place s."""
    alpha = np.full(scores.shape, -np.inf)
    alpha[0, :2] = scores[0, :2]
    for t in range(1, len(scores)):
        before = alpha[t - 1]
        reached = np.where(stay, before, -np.inf)
        reached[1:] = np.logaddexp(reached[1:], before[:-1])
        reached[2:] = np.where(skip[2:], np.logaddexp(reached[2:], before[:-2]), reached[2:])
        alpha[t] = reached + scores[t]
    return alpha


def _loss_and_gradient(logits, labels, blank, merge_repeated):
    """(loss, its gradient with respect to logits (time, classes)) of one sequence."""
    log_probabilities = _log_softmax(logits.astype(np.float64))
    spelled = _with_blanks(labels, blank)
    scores = log_probabilities[:, spelled]
    skip = _may_skip(spelled, blank, merge_repeated)
    stay = np.full(len(spelled), True) if merge_repeated else spelled == blank
    alpha = _forward(scores, skip, stay)
    backward_skip = np.zeros_like(skip)
    backward_skip[2:] = skip[::-1][:-2]
    beta = _forward(scores[::-1, ::-1], backward_skip, stay[::-1])[::-1, ::-1]
    total = np.logaddexp.reduce(alpha[-1, -2:])
    if not np.isfinite(total):
        return np.inf, np.zeros_like(logits)
    occupied = np.exp(alpha + beta - scores - total)
    gradient = np.exp(log_probabilities)
    for s, label in enumerate(spelled):
        gradient[:, label] -= occupied[:, s]
    return -total, gradient


class CTCLoss(Op):
    """loss (batch,) of inputs (time, batch, classes), the last class being the blank; gradient is d loss
    / d inputs.
    """

    inputs = {"inputs": "T", "labels_indices": "int64", "labels_values": "int32", "sequence_length": "int32"}
    types = {"T": ("float32", "float64")}
    attrs = {
        "preprocess_collapse_repeated": False,
        "ctc_merge_repeated": True,
        "ignore_longer_outputs_than_inputs": False,
    }
    examples = [
        example(
            normal(5, 2, 4),
            array([[0, 0], [0, 1], [1, 0], [1, 1], [1, 2]], np.int64),
            array([1, 2, 0, 0, 1]),
            array([4, 5]),
            gradient=False,  # the second output has none
        )
    ]

    def infer(op, inputs, labels_indices, labels_values, sequence_length):
        shape = inputs.shape.with_rank(3)
        batch = TensorShape([None]) if shape.ndims is None else shape[1:2]
        batch = batch.merge_with(sequence_length.shape.with_rank(1))
        return [(batch, inputs.dtype), (shape, inputs.dtype)]

    def numpy(op, inputs, labels_indices, labels_values, sequence_length):
        steps, batch, classes = inputs.shape
        if (sequence_length > steps).any():
            raise errors.InvalidArgumentError(
                None, op, f"sequence_length(b) <= {steps} is needed: {sequence_length}"
            )
        loss, gradient = np.zeros(batch, inputs.dtype), np.zeros_like(inputs)
        for b in range(batch):
            labels = labels_values[labels_indices[:, 0] == b]
            if (labels >= classes - 1).any() or (labels < 0).any():
                raise errors.InvalidArgumentError(
                    None,
                    op,
                    f"Saw a label that is not in [0, {classes - 1}), the classes without the blank: {labels}",
                )
            if op.attrs["preprocess_collapse_repeated"] and len(labels):
                labels = labels[np.concatenate([[True], labels[1:] != labels[:-1]])]
            length = int(sequence_length[b])
            if length == 0:
                continue
            if _needed(labels, op.attrs["ctc_merge_repeated"]) > length:
                if op.attrs["ignore_longer_outputs_than_inputs"]:
                    continue
                raise errors.InvalidArgumentError(
                    None, op, f"Not enough time for target transition sequence (required: {len(labels)}, available: "
                    f"{length}) {b}. You can turn this error into a warning by using the flag "
                    "ignore_longer_outputs_than_inputs"
                )  # fmt: skip
            loss[b], gradient[:length, b] = _loss_and_gradient(
                inputs[:length, b], labels, classes - 1, op.attrs["ctc_merge_repeated"]
            )
        return loss, gradient

    def gradient(op, dloss, dgradient):
        scaled = multiply(expand_dims(expand_dims(dloss, 0), -1), op.outputs[1])
        return [scaled, None, None, None]


def _needed(labels, merge_repeated):
    """How many steps a path needs: repeated labels need a blank between them."""
    return len(labels) + (int((labels[1:] == labels[:-1]).sum()) if merge_repeated else 0)


class CTCGreedyDecoder(Op):
    """The most likely class at each step, repeated ones merged, blanks dropped: a sparse matrix (batch,
    any).
    """

    inputs = {"inputs": "T", "sequence_length": "int32"}
    types = {"T": ("float32", "float64")}
    attrs = {"merge_repeated": False, "blank_index": -1}
    gradient = None
    examples = [example(normal(6, 2, 4), array([4, 6]), merge_repeated=True)]

    def infer(op, inputs, sequence_length):
        shape = inputs.shape.with_rank(3)
        batch = None if shape.ndims is None else shape.sizes[1]
        return [
            (TensorShape([None, 2]), dtypes.int64),
            (TensorShape([None]), dtypes.int64),
            (TensorShape([2]), dtypes.int64),
            (TensorShape([batch, 1]), inputs.dtype),
        ]

    def numpy(op, inputs, sequence_length):
        _, batch, classes = inputs.shape
        decoded, log_probability = [], np.zeros((batch, 1), inputs.dtype)
        for b in range(batch):
            rows = inputs[: sequence_length[b], b]
            best = rows.argmax(-1)
            log_probability[b] = -rows.max(-1).sum() if len(rows) else 0
            if op.attrs["merge_repeated"] and len(best):
                best = best[np.concatenate([[True], best[1:] != best[:-1]])]
            decoded.append(best[best != op.attrs["blank_index"] % classes])
        return *_as_sparse(decoded), log_probability


def _as_sparse(sequences):
    """(indices, values, dense_shape) of sequences of different lengths."""
    indices = [(b, i) for b, sequence in enumerate(sequences) for i in range(len(sequence))]
    width = max((len(s) for s in sequences), default=0)
    return (
        np.array(indices, np.int64).reshape(-1, 2),
        np.concatenate([np.asarray(s, np.int64) for s in sequences]) if sequences else np.zeros(0, np.int64),
        np.array([len(sequences), width], np.int64),
    )


class CTCBeamSearchDecoder(Op):
    """The label sequences with the largest probabilities, over all their paths, as found with
    `beam_width` candidates.
    """

    inputs = {"inputs": "T", "sequence_length": "int32"}
    types = {"T": ("float32", "float64")}
    attrs = {"merge_repeated": True}
    gradient = None
    examples = [example(normal(5, 2, 4), array([4, 5]), beam_width=10, top_paths=2, merge_repeated=False)]

    def infer(op, inputs, sequence_length):
        paths = op.attrs["top_paths"]
        shape = inputs.shape.with_rank(3)
        batch = None if shape.ndims is None else shape.sizes[1]
        return [
            *[(TensorShape([None, 2]), dtypes.int64)] * paths,
            *[(TensorShape([None]), dtypes.int64)] * paths,
            *[(TensorShape([2]), dtypes.int64)] * paths,
            (TensorShape([batch, paths]), inputs.dtype),
        ]

    def numpy(op, inputs, sequence_length):
        batch, paths = inputs.shape[1], op.attrs["top_paths"]
        if op.attrs["beam_width"] < paths:
            raise errors.InvalidArgumentError(
                None, op, "Given beam width is smaller than the number of top paths."
            )
        found = [
            _search(inputs[: sequence_length[b], b], op.attrs["beam_width"], paths) for b in range(batch)
        ]
        if op.attrs["merge_repeated"]:
            found = [[(_merged(labels), score) for labels, score in best] for best in found]
        sparse = [_as_sparse([best[k][0] for best in found]) for k in range(paths)]
        scores = np.array([[score for _, score in best] for best in found])
        return *(s[0] for s in sparse), *(s[1] for s in sparse), *(s[2] for s in sparse), scores


def _merged(labels):
    return tuple(c for i, c in enumerate(labels) if i == 0 or labels[i - 1] != c)


def _search(logits, width, paths):
    """The `paths` best label sequences: [(labels, log probability)].

    A beam holds, for each label sequence, the log probabilities of its paths that end in a blank and that
    do not.
    """
    scores = _log_softmax(logits.astype(np.float64)) if len(logits) else logits
    blank = logits.shape[-1] - 1
    beam = {(): (0.0, -np.inf)}
    for row in scores:
        new = {}

        def put(labels, in_blank, in_label, new=new):
            a, b = new.get(labels, (-np.inf, -np.inf))
            new[labels] = np.logaddexp(a, in_blank), np.logaddexp(b, in_label)

        for labels, (in_blank, in_label) in beam.items():
            either = np.logaddexp(in_blank, in_label)
            put(labels, either + row[blank], in_label + row[labels[-1]] if labels else -np.inf)
            for c in range(blank):
                start = in_blank if labels and labels[-1] == c else either
                put((*labels, c), -np.inf, start + row[c])
        beam = dict(sorted(new.items(), key=lambda item: -np.logaddexp(*item[1]))[:width])
    best = [(labels, np.logaddexp(*ends)) for labels, ends in beam.items()]
    best += [((), -np.inf)] * (paths - len(best))
    return best[:paths]


# -- functions -----------------------------------------------------------------------------------------------


def ctc_loss(
    labels,
    inputs=None,
    sequence_length=None,
    preprocess_collapse_repeated=False,
    ctc_merge_repeated=True,
    ignore_longer_outputs_than_inputs=False,
    time_major=True,
    logits=None,
):
    """tf.nn.ctc_loss: minus the log probability of the labels, over all alignments.

    labels: SparseTensor of int32 (batch, any); inputs (time, batch, classes + 1), the last class being
    the blank, or (batch, time, ...) without time_major; sequence_length (batch,) int32.  Returns (batch,).
    Raises TypeError for labels that are no SparseTensor; InvalidArgumentError when run for a sequence
    shorter than its labels.
    """
    if not isinstance(labels, SparseTensor):
        raise TypeError("Expected labels (first argument) to be a SparseTensor")
    inputs = convert_to_tensor(logits if inputs is None else inputs, name="logits")
    op = CTCLoss.make(
        inputs if time_major else transpose(inputs, [1, 0, 2]),
        labels.indices,
        labels.values,
        sequence_length,
        preprocess_collapse_repeated=preprocess_collapse_repeated,
        ctc_merge_repeated=ctc_merge_repeated,
        ignore_longer_outputs_than_inputs=ignore_longer_outputs_than_inputs,
    )
    return op.outputs[0]


def ctc_greedy_decoder(inputs, sequence_length, merge_repeated=True):
    """tf.nn.ctc_greedy_decoder: the best class at each step.

    inputs (time, batch, classes + 1), sequence_length (batch,) int32.  Returns ([SparseTensor of the
    labels], (batch, 1): the negative sum of the best scores).
    """
    op = CTCGreedyDecoder.make(inputs, sequence_length, merge_repeated=merge_repeated)
    indices, values, shape, score = op.outputs
    return [SparseTensor(indices, values, shape)], score


def ctc_beam_search_decoder(inputs, sequence_length, beam_width=100, top_paths=1, merge_repeated=True):
    """tf.nn.ctc_beam_search_decoder: the `top_paths` most likely label sequences.

    Arguments as for `ctc_greedy_decoder`.  Returns ([SparseTensor, ...], (batch, top_paths) log
    probabilities).
    """
    op = CTCBeamSearchDecoder.make(
        inputs, sequence_length, beam_width=beam_width, top_paths=top_paths, merge_repeated=merge_repeated
    )
    n = top_paths
    parts = zip(op.outputs[:n], op.outputs[n : 2 * n], op.outputs[2 * n : 3 * n], strict=True)
    return [SparseTensor(*part) for part in parts], op.outputs[3 * n]


def ctc_beam_search_decoder_v2(inputs, sequence_length, beam_width=100, top_paths=1):
    """tf.nn.ctc_beam_search_decoder_v2: `ctc_beam_search_decoder` that merges nothing afterwards."""
    return ctc_beam_search_decoder(inputs, sequence_length, beam_width, top_paths, merge_repeated=False)
