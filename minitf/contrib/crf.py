"""tf.contrib.crf: a chain of tags whose neighbours influence each other.

A sequence of tags has a score: the sum of its inputs (how well each tag fits its place) and of the transitions from
each tag to the next.  Its likelihood is exp(score), divided by the sum over all sequences, which the forward
algorithm finds in one walk; the likeliest sequence is found by Viterbi's.

Source: J. Lafferty, A. McCallum, F. Pereira, "Conditional Random Fields" (2001); L. Rabiner, "A Tutorial on Hidden
Markov Models" (1989).

`inputs` are (batch, time, tags), `tag_indices` (batch, time), `sequence_lengths` (batch,), `transition_params`
(tags, tags): from row to column.
"""

import numpy as np

from minitf.graph import dtypes
from minitf.ops.array import expand_dims, ones_like, shape_of
from minitf.ops.casting import cast
from minitf.ops.comparison import greater, less
from minitf.ops.constant import convert_to_tensor
from minitf.ops.encoding import one_hot
from minitf.ops.functional import foldl, scan
from minitf.ops.gathering import gather_nd
from minitf.ops.joining import concat, stack
from minitf.ops.masking import sequence_mask
from minitf.ops.ordering import argmax
from minitf.ops.ranges import range as range_of
from minitf.ops.reductions import reduce_max, reduce_sum
from minitf.ops.reversing import reverse
from minitf.ops.selection import where
from minitf.ops.statistics import reduce_logsumexp
from minitf.ops.transposing import transpose
from minitf.ops.variable_scope import get_variable


def crf_unary_score(tag_indices, sequence_lengths, inputs):
    """The sum of the inputs of the tags: (batch,)."""
    inputs = convert_to_tensor(inputs)
    chosen = one_hot(tag_indices, shape_of(inputs)[2], dtype=inputs.dtype.base_dtype)
    return reduce_sum(reduce_sum(inputs * chosen, 2) * _mask(sequence_lengths, inputs), 1)


def crf_binary_score(tag_indices, sequence_lengths, transition_params):
    """The sum of the transitions between the tags: (batch,)."""
    tags, transitions = convert_to_tensor(tag_indices), convert_to_tensor(transition_params)
    found = gather_nd(transitions, stack([tags[:, :-1], tags[:, 1:]], -1))  # (batch, time - 1)
    mask = sequence_mask(_lengths(sequence_lengths) - 1, shape_of(tags)[1] - 1, dtype=found.dtype.base_dtype)
    return reduce_sum(found * mask, 1)


def crf_sequence_score(inputs, tag_indices, sequence_lengths, transition_params):
    """The score of a sequence of tags: (batch,)."""
    return crf_unary_score(tag_indices, sequence_lengths, inputs) + crf_binary_score(
        tag_indices, sequence_lengths, transition_params
    )


def crf_log_norm(inputs, sequence_lengths, transition_params):
    """The logarithm of the sum of exp(score) over all sequences of tags: (batch,); 0 for empty ones."""
    inputs, lengths = convert_to_tensor(inputs), _lengths(sequence_lengths)
    transitions = expand_dims(convert_to_tensor(transition_params), 0)  # (1, from, to)

    def forward(alphas, row):
        now, time = row
        after = now + reduce_logsumexp(expand_dims(alphas, 2) + transitions, axis=1)
        return where(less(time, lengths), after, alphas)

    alphas = foldl(forward, _later(inputs), initializer=inputs[:, 0])
    total = reduce_logsumexp(alphas, axis=1)
    return where(greater(lengths, 0), total, total * 0)


def crf_log_likelihood(inputs, tag_indices, sequence_lengths, transition_params=None):
    """(log likelihood of the tags (batch,), transition_params); without these, the variable "transitions" is made."""
    inputs = convert_to_tensor(inputs)
    if transition_params is None:
        tags = inputs.shape[2].value
        transition_params = get_variable("transitions", [tags, tags], inputs.dtype.base_dtype)
    scores = crf_sequence_score(inputs, tag_indices, sequence_lengths, transition_params)
    return scores - crf_log_norm(inputs, sequence_lengths, transition_params), transition_params


def crf_decode(potentials, transition_params, sequence_length):
    """(the likeliest tags (batch, time) int32, 0 beyond a sequence's end; their scores (batch,))."""
    inputs, lengths = convert_to_tensor(potentials), _lengths(sequence_length)
    transitions = expand_dims(convert_to_tensor(transition_params), 0)
    stay = ones_like(inputs[:, 0], dtype=dtypes.int32) * range_of(shape_of(inputs)[2])

    def forward(before, row):
        scores, _ = before
        now, time = row
        through = expand_dims(scores, 2) + transitions  # (batch, from, to)
        alive = less(time, lengths)
        best = where(alive, now + reduce_max(through, axis=1), scores)
        return best, where(alive, argmax(through, 1, output_type=dtypes.int32), stay)

    scores, origins = scan(forward, _later(inputs), initializer=(inputs[:, 0], stay))
    final = concat([expand_dims(inputs[:, 0], 0), scores], 0)[-1]
    last = argmax(final, 1, output_type=dtypes.int32)
    rows = range_of(shape_of(inputs)[0])
    tags = scan(lambda tag, origin: gather_nd(origin, stack([rows, tag], 1)), reverse(origins, [0]), initializer=last)
    tags = transpose(concat([reverse(tags, [0]), expand_dims(last, 0)], 0))
    return tags * sequence_mask(lengths, shape_of(inputs)[1], dtype=dtypes.int32), reduce_max(final, axis=1)


def viterbi_decode(score, transition_params):
    """`crf_decode` of one sequence of arrays (time, tags): (list of tags, their score)."""
    score, transitions = np.asarray(score), np.asarray(transition_params)
    best, origins = score[0], []
    for now in score[1:]:
        through = best[:, np.newaxis] + transitions
        origins.append(through.argmax(0))
        best = now + through.max(0)
    tags = [int(best.argmax())]
    for origin in reversed(origins):
        tags.append(int(origin[tags[-1]]))
    return tags[::-1], best.max()


def _lengths(sequence_lengths):
    return cast(convert_to_tensor(sequence_lengths), dtypes.int32)


def _mask(sequence_lengths, inputs):
    return sequence_mask(_lengths(sequence_lengths), shape_of(inputs)[1], dtype=inputs.dtype.base_dtype)


def _later(inputs):
    """All but the first row of each sequence, and their times: (time - 1, batch, tags), (time - 1,)."""
    return transpose(inputs, [1, 0, 2])[1:], range_of(1, shape_of(inputs)[1])
