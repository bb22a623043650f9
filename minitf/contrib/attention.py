"""Attention: a decoder that looks at all the states of an encoder.

Sources: D. Bahdanau et al., "Neural Machine Translation by Jointly Learning to Align and Translate" (2014);
M. Luong et al., "Effective Approaches to Attention-based Neural Machine Translation" (2015).
"""

import collections

from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.ops.activations import tanh
from minitf.ops.array import expand_dims, ones_like, shape_of, squeeze, zeros
from minitf.ops.casting import cast
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.contraction import tensordot
from minitf.ops.joining import concat
from minitf.ops.masking import sequence_mask
from minitf.ops.matmul import matmul
from minitf.ops.reductions import reduce_sum
from minitf.ops.selection import where
from minitf.ops.softmax import softmax
from minitf.ops.tensor_array import TensorArray
from minitf.ops.variable_scope import get_variable, variable_scope
from minitf.rnn.cell import RNNCell, zero_state_tensor


def _product(x, units, scope):
    """x W on the last axis, W the variable `scope`/kernel."""
    with variable_scope(scope):
        kernel = get_variable("kernel", [x.shape[-1].value, units], x.dtype.base_dtype)
    return matmul(x, kernel) if x.shape.ndims == 2 else tensordot(x, kernel, 1)


class _Attention:
    """How well a query fits each of the `memory` (batch, time, features); `alignments` are these fits as weights."""

    def __init__(self, num_units, memory, memory_sequence_length, probability_fn, score_mask_value, name):
        self._num_units, self._name = num_units, name
        self._probability = probability_fn or softmax
        memory = convert_to_tensor(memory)
        self._mask_value = score_mask_value if score_mask_value is not None else -float("inf")
        self._mask = None
        if memory_sequence_length is not None:
            self._mask = sequence_mask(memory_sequence_length, shape_of(memory)[1])
            ones = cast(self._mask, memory.dtype.base_dtype)
            memory = memory * expand_dims(ones, -1)
        self.values = memory
        self.keys = _product(memory, num_units, "memory_layer")
        self.batch_size = memory.shape[0].value or shape_of(memory)[0]
        self.alignments_size = memory.shape[1].value or shape_of(memory)[1]

    state_size = property(lambda self: self.alignments_size)

    def initial_alignments(self, batch_size, dtype):
        return zeros([batch_size, self.alignments_size], dtype)

    def __call__(self, query, state):
        with variable_scope(self._name):
            score = self._score(query)
            if self._mask is not None:
                score = where(self._mask, score, self._mask_value * ones_like(score))
            alignments = self._probability(score)
        return alignments, alignments


class BahdanauAttention(_Attention):
    """tf.contrib.seq2seq.BahdanauAttention: score = v tanh(W query + keys)."""

    def __init__(self, num_units, memory, memory_sequence_length=None, normalize=False, probability_fn=None,
                 score_mask_value=None, dtype=None, name="BahdanauAttention"):  # fmt: skip
        if normalize:
            raise NotImplementedError("BahdanauAttention: normalize is not there")
        super().__init__(
            num_units, memory, memory_sequence_length, probability_fn, score_mask_value, "bahdanau_attention"
        )

    def _score(self, query):
        processed = expand_dims(_product(query, self._num_units, "query_layer"), 1)
        v = get_variable("attention_v", [self._num_units], query.dtype.base_dtype)
        return reduce_sum(v * tanh(self.keys + processed), [2])


class LuongAttention(_Attention):
    """tf.contrib.seq2seq.LuongAttention: score = keys . query, times a learned number with `scale`."""

    def __init__(self, num_units, memory, memory_sequence_length=None, scale=False, probability_fn=None,
                 score_mask_value=None, dtype=None, name="LuongAttention"):  # fmt: skip
        self._scale = scale
        super().__init__(
            num_units, memory, memory_sequence_length, probability_fn, score_mask_value, "luong_attention"
        )

    def _score(self, query):
        if query.shape[-1].value != self._num_units:
            raise ValueError(
                f"Incompatible or unknown inner dimensions between query and keys: {query.shape}, {self.keys.shape}"
            )
        score = squeeze(matmul(expand_dims(query, 1), self.keys, transpose_b=True), [1])
        if self._scale:
            score = score * get_variable("attention_g", [], initializer=_one)
        return score


def _one(shape, dtype=None, partition_info=None):
    return constant(1.0, dtype or dtypes.float32, shape)


_FIELDS = ("cell_state", "attention", "time", "alignments", "alignment_history", "attention_state")


class AttentionWrapperState(collections.namedtuple("AttentionWrapperState", _FIELDS)):
    """The state of an AttentionWrapper."""

    def clone(self, **kwargs):
        """The same with some fields replaced."""
        return self._replace(**kwargs)


class AttentionWrapper(RNNCell):
    """tf.contrib.seq2seq.AttentionWrapper: a cell whose input and output are joined by what it attends to.

    `attention_layer_size` is the size of the attention vector, a product of the cell's output and the
    context; without it, the context is the vector.  With `output_attention=False` the output is the cell's.
    """

    def __init__(self, cell, attention_mechanism, attention_layer_size=None, alignment_history=False,
                 cell_input_fn=None, output_attention=True, initial_cell_state=None, name=None,
                 attention_layer=None, attention_fn=None, dtype=None):  # fmt: skip
        super().__init__(name=name)
        if isinstance(attention_mechanism, (list, tuple)):
            raise NotImplementedError("AttentionWrapper: one attention mechanism only")
        self._cell, self._mechanism, self._layer_size = cell, attention_mechanism, attention_layer_size
        self._history, self._output_attention = alignment_history, output_attention
        self._input_fn = cell_input_fn or (lambda inputs, attention: concat([inputs, attention], -1))
        self._initial_cell_state = initial_cell_state

    @property
    def _attention_size(self):
        return self._layer_size or self._mechanism.values.shape[-1].value

    @property
    def output_size(self):
        return self._attention_size if self._output_attention else self._cell.output_size

    @property
    def state_size(self):
        return AttentionWrapperState(
            self._cell.state_size, self._attention_size, TensorShape([]), self._mechanism.alignments_size,
            self._mechanism.alignments_size if self._history else (), self._mechanism.alignments_size,
        )  # fmt: skip

    def zero_state(self, batch_size, dtype):
        state = self._initial_cell_state
        alignments = self._mechanism.initial_alignments(batch_size, dtype)
        return AttentionWrapperState(
            self._cell.zero_state(batch_size, dtype) if state is None else state,
            zero_state_tensor(self._attention_size, batch_size, dtype), constant(0), alignments,
            TensorArray(dtype, 0, dynamic_size=True) if self._history else (), alignments,
        )  # fmt: skip

    def call(self, inputs, state):
        if not isinstance(state, AttentionWrapperState):
            raise TypeError(
                f"Expected state to be instance of AttentionWrapperState. Received type {type(state)}"
            )
        output, cell_state = self._cell(self._input_fn(inputs, state.attention), state.cell_state)
        alignments, attention_state = self._mechanism(output, state.attention_state)
        context = squeeze(matmul(expand_dims(alignments, 1), self._mechanism.values), [1])
        attention = context
        if self._layer_size is not None:
            attention = _product(concat([output, context], 1), self._layer_size, "attention_layer")
        history = state.alignment_history.write(state.time, alignments) if self._history else ()
        after = AttentionWrapperState(
            cell_state, attention, state.time + 1, alignments, history, attention_state
        )
        return (attention if self._output_attention else output), after
