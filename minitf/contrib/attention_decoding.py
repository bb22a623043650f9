"""Decoders of tf.contrib.legacy_seq2seq that look at all the states of an encoder, a list with one input per step.

Source: O. Vinyals et al., "Grammar as a Foreign Language" (2014): score = v tanh(W_1 state + W_2 query), a softmax of
the scores weights the states.
"""

import copy

from minitf.contrib.legacy_seq2seq import _from_embedding
from minitf.graph import dtypes
from minitf.ops.activations import tanh
from minitf.ops.array import expand_dims, reshape, shape_of, zeros
from minitf.ops.contraction import tensordot
from minitf.ops.gathering import gather
from minitf.ops.joining import concat, stack
from minitf.ops.reductions import reduce_sum
from minitf.ops.softmax import softmax
from minitf.ops.structure import flatten
from minitf.ops.variable_scope import get_variable, get_variable_scope, variable_scope
from minitf.rnn.static import static_rnn
from minitf.rnn.wrappers import EmbeddingWrapper, OutputProjectionWrapper, linear


class _Heads:
    """What several heads read from the `states` (batch, time, features), for a query."""

    def __init__(self, states, count):
        if states.shape.ndims != 3 or states.shape.sizes[2] is None:
            raise ValueError(f"Shape[2] of attention_states must be known: {states.shape}")
        self._states, self.size = states, states.shape.sizes[2]
        self._features, self._weights = [], []
        for i in range(count):
            kernel = get_variable(f"AttnW_{i}", [1, 1, self.size, self.size])
            self._features.append(tensordot(states, kernel[0, 0], 1))
            self._weights.append(get_variable(f"AttnV_{i}", [self.size]))

    def __call__(self, query):
        query, found = concat(flatten(query), 1), []
        for i, (features, weights) in enumerate(zip(self._features, self._weights, strict=True)):
            with variable_scope(f"Attention_{i}"):
                turned = expand_dims(linear(query, self.size, True), 1)
            shares = softmax(reduce_sum(weights * tanh(features + turned), 2))  # (batch, time)
            found.append(reduce_sum(expand_dims(shares, 2) * self._states, 1))
        return found

    def nothing(self, batch, dtype):
        """What the heads have read before the first step."""
        made = [zeros(stack([batch, self.size]), dtype) for _ in self._weights]
        for tensor in made:
            tensor.set_shape([None, self.size])
        return made


def attention_decoder(decoder_inputs, initial_state, attention_states, cell, output_size=None, num_heads=1,
                      loop_function=None, dtype=None, scope=None, initial_state_attention=False):  # fmt: skip
    """(outputs, final state): each step reads an input, the state, and the states (batch, time, features).

    `loop_function(output, i)` makes the next input itself; outputs are (batch, output_size).  With
    `initial_state_attention` the heads look before the first step, too.
    Raises ValueError without inputs or heads, or where the size of the states is not known.
    """
    if not decoder_inputs or num_heads < 1:
        raise ValueError("Must provide at least 1 input to attention decoder, and 1 head.")
    output_size = cell.output_size if output_size is None else output_size
    with variable_scope(scope or "attention_decoder", dtype=dtype):
        heads, state, outputs, before = _Heads(attention_states, num_heads), initial_state, [], None
        kind = get_variable_scope().dtype if dtype is None else dtype
        read = heads(initial_state) if initial_state_attention else heads.nothing(shape_of(decoder_inputs[0])[0], kind)
        for i, given in enumerate(decoder_inputs):
            if i > 0:
                get_variable_scope().reuse_variables()
            if loop_function is not None and before is not None:
                with variable_scope("loop_function", reuse=True):
                    given = loop_function(before, i)
            output, state = cell(linear([given, *read], given.shape[-1].value, True), state)
            with variable_scope(get_variable_scope(), reuse=True if initial_state_attention else None):
                read = heads(state)
            with variable_scope("AttnOutputProjection"):
                output = linear([output, *read], output_size, True)
            before = output
            outputs.append(output)
    return outputs, state


def embedding_attention_decoder(decoder_inputs, initial_state, attention_states, cell, num_symbols, embedding_size,
                                num_heads=1, output_size=None, output_projection=None, feed_previous=False,
                                update_embedding_for_previous=True, dtype=None, scope=None,
                                initial_state_attention=False):  # fmt: skip
    """`attention_decoder` on words; with `feed_previous` each step reads the likeliest word of the step before."""
    with variable_scope(scope or "embedding_attention_decoder", dtype=dtype):
        table = get_variable("embedding", [num_symbols, embedding_size])
        loop = _from_embedding(table, output_projection, update_embedding_for_previous) if feed_previous else None
        return attention_decoder(
            [gather(table, i) for i in decoder_inputs], initial_state, attention_states, cell, output_size, num_heads,
            loop, dtype=dtype, initial_state_attention=initial_state_attention,
        )  # fmt: skip


def embedding_attention_seq2seq(encoder_inputs, decoder_inputs, cell, num_encoder_symbols, num_decoder_symbols,
                                embedding_size, num_heads=1, output_projection=None, feed_previous=False, dtype=None,
                                scope=None, initial_state_attention=False):  # fmt: skip
    """Words in, words out, with attention to all the states of the encoder: (outputs, final state).

    Outputs are (batch, num_decoder_symbols), or, with an `output_projection` (weights, biases) that is applied outside,
    (batch, cell.output_size).  `feed_previous` is a bool.
    """
    with variable_scope(scope or "embedding_attention_seq2seq", dtype=dtype):
        encoder = EmbeddingWrapper(copy.deepcopy(cell), num_encoder_symbols, embedding_size)
        outputs, state = static_rnn(encoder, encoder_inputs, dtype=dtype or dtypes.float32)
        states = concat([reshape(output, [-1, 1, cell.output_size]) for output in outputs], 1)
        size = None
        if output_projection is None:
            cell, size = OutputProjectionWrapper(cell, num_decoder_symbols), num_decoder_symbols
        return embedding_attention_decoder(
            decoder_inputs, state, states, cell, num_decoder_symbols, embedding_size, num_heads, size,
            output_projection, bool(feed_previous), initial_state_attention=initial_state_attention,
        )  # fmt: skip
