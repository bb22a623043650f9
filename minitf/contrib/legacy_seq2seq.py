"""tf.contrib.legacy_seq2seq: sequences as lists of tensors, one for each step."""

from minitf.graph.graph import name_scope
from minitf.ops.aggregation import add_n
from minitf.ops.array import shape_of
from minitf.ops.casting import cast
from minitf.ops.cross_entropy import sparse_softmax_cross_entropy_with_logits
from minitf.ops.gathering import gather
from minitf.ops.ordering import argmax
from minitf.ops.reductions import reduce_sum
from minitf.ops.variable_scope import get_variable, get_variable_scope, variable_scope
from minitf.rnn.static import static_rnn
from minitf.rnn.wrappers import EmbeddingWrapper, OutputProjectionWrapper


def sequence_loss_by_example(logits, targets, weights, average_across_timesteps=True, softmax_loss_function=None,
                             name=None):  # fmt: skip
    """The weighted cross entropy of each sequence of a batch: shape (batch,).

    `logits`, `targets` and `weights` are lists with one tensor per step: (batch, classes), (batch,), (batch,).
    `softmax_loss_function(labels=, logits=)` takes the place of the full softmax.
    Raises ValueError for lists of different lengths.
    """
    if len(targets) != len(logits) or len(weights) != len(logits):
        raise ValueError(
            f"Lengths of logits, weights, and targets must be the same {len(logits)}, {len(weights)}, {len(targets)}."
        )
    with name_scope(name, "sequence_loss_by_example", [*logits, *targets, *weights]):
        loss = softmax_loss_function or sparse_softmax_cross_entropy_with_logits
        steps = [
            loss(labels=_flat(target), logits=logit) * weight
            for logit, target, weight in zip(logits, targets, weights, strict=True)
        ]
        total = add_n(steps)
        return total / (add_n(list(weights)) + 1e-12) if average_across_timesteps else total


def _flat(target):
    from minitf.ops.array import reshape

    return reshape(target, [-1])


def sequence_loss(logits, targets, weights, average_across_timesteps=True, average_across_batch=True,
                  softmax_loss_function=None, name=None):  # fmt: skip
    """The sum of `sequence_loss_by_example` over the batch, or its mean: a scalar."""
    with name_scope(name, "sequence_loss", [*logits, *targets, *weights]):
        cost = reduce_sum(
            sequence_loss_by_example(
                logits, targets, weights, average_across_timesteps, softmax_loss_function
            )
        )
        return cost / cast(shape_of(targets[0])[0], cost.dtype) if average_across_batch else cost


def rnn_decoder(decoder_inputs, initial_state, cell, loop_function=None, scope=None):
    """(outputs, final state) of a cell on a list of inputs; `loop_function(output, i)` makes the next input itself."""
    with variable_scope(scope or "rnn_decoder"):
        state, outputs, before = initial_state, [], None
        for i, given in enumerate(decoder_inputs):
            if loop_function is not None and before is not None:
                with variable_scope("loop_function", reuse=True):
                    given = loop_function(before, i)
            if i > 0:
                get_variable_scope().reuse_variables()
            output, state = cell(given, state)
            outputs.append(output)
            if loop_function is not None:
                before = output
    return outputs, state


def basic_rnn_seq2seq(encoder_inputs, decoder_inputs, cell, dtype=None, scope=None):
    """A cell reads the one list, and another of its kind, from the state it came to, the other list."""
    import copy

    from minitf.graph.dtypes import float32

    with variable_scope(scope or "basic_rnn_seq2seq"):
        _, state = static_rnn(copy.deepcopy(cell), encoder_inputs, dtype=dtype or float32)
        return rnn_decoder(decoder_inputs, state, cell)


def tied_rnn_seq2seq(encoder_inputs, decoder_inputs, cell, loop_function=None, dtype=None, scope=None):
    """As `basic_rnn_seq2seq`, but both share their variables."""
    from minitf.graph.dtypes import float32

    with variable_scope("combined_tied_rnn_seq2seq"):
        scope = scope or "tied_rnn_seq2seq"
        _, state = static_rnn(cell, encoder_inputs, dtype=dtype or float32, scope=scope)
        get_variable_scope().reuse_variables()
        return rnn_decoder(decoder_inputs, state, cell, loop_function=loop_function, scope=scope)


def _from_embedding(table, output_projection=None, update_embedding=True):
    """A loop function: the vector of the likeliest word of the last output."""
    from minitf.ops.array import stop_gradient
    from minitf.ops.bias import xw_plus_b

    def following(before, _):
        logits = before if output_projection is None else xw_plus_b(before, *output_projection)
        found = gather(table, argmax(logits, 1))
        return found if update_embedding else stop_gradient(found)

    return following


def embedding_rnn_decoder(decoder_inputs, initial_state, cell, num_symbols, embedding_size, output_projection=None,
                          feed_previous=False, update_embedding_for_previous=True, scope=None):  # fmt: skip
    """`rnn_decoder` on words; with `feed_previous` each step reads the likeliest word of the step before."""
    with variable_scope(scope or "embedding_rnn_decoder"):
        table = get_variable("embedding", [num_symbols, embedding_size])
        loop = (
            _from_embedding(table, output_projection, update_embedding_for_previous)
            if feed_previous
            else None
        )
        return rnn_decoder(
            [gather(table, i) for i in decoder_inputs], initial_state, cell, loop_function=loop
        )


def embedding_rnn_seq2seq(encoder_inputs, decoder_inputs, cell, num_encoder_symbols, num_decoder_symbols,
                          embedding_size, output_projection=None, feed_previous=False, dtype=None,
                          scope=None):  # fmt: skip
    """Words in, words out: `feed_previous` is a bool."""
    import copy

    from minitf.graph.dtypes import float32

    with variable_scope(scope or "embedding_rnn_seq2seq"):
        encoder = EmbeddingWrapper(copy.deepcopy(cell), num_encoder_symbols, embedding_size)
        _, state = static_rnn(encoder, encoder_inputs, dtype=dtype or float32)
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols)
        return embedding_rnn_decoder(decoder_inputs, state, cell, num_decoder_symbols, embedding_size,
                                     output_projection, bool(feed_previous))  # fmt: skip


def model_with_buckets(encoder_inputs, decoder_inputs, targets, weights, buckets, seq2seq, softmax_loss_function=None,
                       per_example_loss=False, name=None):  # fmt: skip
    """(outputs, losses) of `seq2seq(encoder inputs, decoder inputs)` for each of the `buckets` (lengths in, out)."""
    if len(encoder_inputs) < buckets[-1][0]:
        raise ValueError(
            f"Length of encoder_inputs ({len(encoder_inputs)}) must be at least that of last bucket"
        )
    if len(targets) < buckets[-1][1] or len(weights) < buckets[-1][1]:
        raise ValueError("Length of targets and weights must be at least that of last bucket")
    loss = sequence_loss_by_example if per_example_loss else sequence_loss
    outputs, losses = [], []
    with name_scope(name, "model_with_buckets", [*encoder_inputs, *decoder_inputs, *targets, *weights]):
        for i, (size_in, size_out) in enumerate(buckets):
            with variable_scope(get_variable_scope(), reuse=True if i > 0 else None):
                found, _ = seq2seq(encoder_inputs[:size_in], decoder_inputs[:size_out])
                outputs.append(found)
                losses.append(loss(found, targets[:size_out], weights[:size_out],
                                   softmax_loss_function=softmax_loss_function))  # fmt: skip
    return outputs, losses
