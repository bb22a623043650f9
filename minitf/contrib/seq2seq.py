"""tf.contrib.seq2seq: the loss of sequences, and decoders that make them.

A *helper* gives a decoder its inputs and decides what it emits; a *decoder* makes steps; `dynamic_decode` runs them.
"""

import collections

from minitf.contrib.attention import AttentionWrapper as AttentionWrapper
from minitf.contrib.attention import AttentionWrapperState as AttentionWrapperState
from minitf.contrib.attention import BahdanauAttention as BahdanauAttention
from minitf.contrib.attention import LuongAttention as LuongAttention
from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.operation import Tensor
from minitf.graph.shape import TensorShape
from minitf.ops.array import fill, reshape, shape_of, size, zeros_like
from minitf.ops.casting import cast
from minitf.ops.comparison import equal, greater_equal
from minitf.ops.constant import constant, convert_to_tensor
from minitf.ops.control_flow import cond
from minitf.ops.cross_entropy import sparse_softmax_cross_entropy_with_logits
from minitf.ops.gathering import gather
from minitf.ops.logic import logical_not, logical_or
from minitf.ops.loops import while_loop
from minitf.ops.ordering import argmax
from minitf.ops.reductions import reduce_all, reduce_sum
from minitf.ops.selection import where
from minitf.ops.structure import map_structure
from minitf.ops.tensor_array import TensorArray
from minitf.ops.variable_scope import variable_scope
from minitf.rnn.cell import zero_state_tensor
from minitf.rnn.dynamic import keep_where, swap_batch_and_time


def sequence_loss(logits, targets, weights, average_across_timesteps=True, average_across_batch=True,
                  softmax_loss_function=None, name=None):  # fmt: skip
    """tf.contrib.seq2seq.sequence_loss: the weighted cross entropy of a batch of sequences.

    `logits` (batch, time, classes), `targets` integers (batch, time), `weights` (batch, time).  A scalar
    where averages are taken over both time and batch, else with the axes that are left.
    Raises ValueError for other ranks.
    """
    for tensor, rank, label in ((logits, 3, "Logits"), (targets, 2, "Targets"), (weights, 2, "Weights")):
        if convert_to_tensor(tensor).shape.ndims not in (None, rank):
            raise ValueError(f"{label} must be a {rank}-dimensional tensor")
    with name_scope(name, "sequence_loss", [logits, targets, weights]):
        logits, targets = convert_to_tensor(logits), convert_to_tensor(targets)
        weights, classes = convert_to_tensor(weights), shape_of(logits)[2]
        loss = softmax_loss_function or sparse_softmax_cross_entropy_with_logits
        each = loss(labels=reshape(targets, [-1]), logits=reshape(logits, [-1, classes])) * reshape(
            weights, [-1]
        )
        if average_across_timesteps and average_across_batch:
            return reduce_sum(each) / (reduce_sum(weights) + 1e-12)
        each = reshape(each, shape_of(logits)[0:2])
        each.set_shape(logits.shape[0:2])
        if average_across_timesteps:
            return reduce_sum(each, axis=1) / (reduce_sum(weights, axis=1) + 1e-12)
        if average_across_batch:
            return reduce_sum(each, axis=0) / (reduce_sum(weights, axis=0) + 1e-12)
        return each


class TrainingHelper:
    """tf.contrib.seq2seq.TrainingHelper: a decoder reads the given `inputs` (batch, time, features)."""

    def __init__(self, inputs, sequence_length, time_major=False, name=None):
        inputs = convert_to_tensor(inputs)
        self.inputs = inputs
        rows = inputs if time_major else swap_batch_and_time(inputs)
        self._rows = TensorArray(rows.dtype.base_dtype, shape_of(rows)[0]).unstack(rows)
        self._first = zeros_like(rows[0])
        self.sequence_length = cast(convert_to_tensor(sequence_length), dtypes.int32)
        if self.sequence_length.shape.ndims != 1:
            raise ValueError(
                f"Expected sequence_length to be a vector, but received shape: {self.sequence_length.shape}"
            )
        self.batch_size = size(self.sequence_length)

    sample_ids_shape, sample_ids_dtype = TensorShape([]), dtypes.int32

    def initialize(self, name=None):
        finished = equal(0, self.sequence_length)
        following = cond(reduce_all(finished), lambda: self._first, lambda: self._rows.read(0))
        return finished, following

    def sample(self, time, outputs, state, name=None):
        return cast(argmax(outputs, -1), dtypes.int32)

    def next_inputs(self, time, outputs, state, sample_ids=None, name=None):
        following = time + 1
        finished = greater_equal(following, self.sequence_length)
        read = cond(reduce_all(finished), lambda: self._first, lambda: self._rows.read(following))
        return finished, read, state


class GreedyEmbeddingHelper:
    """tf.contrib.seq2seq.GreedyEmbeddingHelper: a decoder reads the vector of the likeliest word it said last.

    `embedding` is a table or a function of word numbers; a sequence ends with `end_token`.
    """

    def __init__(self, embedding, start_tokens, end_token):
        self._embed = (
            embedding
            if callable(embedding) and not isinstance(embedding, Tensor)
            else self._lookup(embedding)
        )
        self._start = convert_to_tensor(start_tokens, dtype=dtypes.int32, name="start_tokens")
        self._end = convert_to_tensor(end_token, dtype=dtypes.int32, name="end_token")
        if self._start.shape.ndims != 1:
            raise ValueError("start_tokens must be a vector")
        if self._end.shape.ndims != 0:
            raise ValueError("end_token must be a scalar")
        self.batch_size = size(self._start)
        self._first = self._embed(self._start)

    sample_ids_shape, sample_ids_dtype = TensorShape([]), dtypes.int32

    @staticmethod
    def _lookup(table):
        return lambda ids: gather(table, ids)

    def initialize(self, name=None):
        return fill([self.batch_size], constant(False)), self._first

    def sample(self, time, outputs, state, name=None):
        return cast(argmax(outputs, -1), dtypes.int32)

    def next_inputs(self, time, outputs, state, sample_ids, name=None):
        finished = equal(sample_ids, self._end)
        following = cond(reduce_all(finished), lambda: self._first, lambda: self._embed(sample_ids))
        return finished, following, state


class SampleEmbeddingHelper(GreedyEmbeddingHelper):
    """tf.contrib.seq2seq.SampleEmbeddingHelper: as the greedy one, but words are drawn by their probability."""

    def __init__(self, embedding, start_tokens, end_token, softmax_temperature=None, seed=None):
        super().__init__(embedding, start_tokens, end_token)
        self._temperature, self._seed = softmax_temperature, seed

    def sample(self, time, outputs, state, name=None):
        from minitf.ops.random import multinomial

        logits = outputs if self._temperature is None else outputs / self._temperature
        return cast(reshape(multinomial(logits, 1, seed=self._seed), [-1]), dtypes.int32)


class BasicDecoderOutput(collections.namedtuple("BasicDecoderOutput", ("rnn_output", "sample_id"))):
    """What a step of a BasicDecoder emits."""


class BasicDecoder:
    """tf.contrib.seq2seq.BasicDecoder: a cell, fed by a helper; `output_layer` makes logits of its outputs."""

    def __init__(self, cell, helper, initial_state, output_layer=None):
        self._cell, self._helper, self._initial_state = cell, helper, initial_state
        self._output_layer = output_layer

    @property
    def batch_size(self):
        return self._helper.batch_size

    def initialize(self, name=None):
        return (*self._helper.initialize(), self._initial_state)

    def step(self, time, inputs, state, name=None):
        """((output, sample), state, next inputs, finished) of one step."""
        with name_scope(name, "BasicDecoderStep", [time, inputs]):
            output, state = self._cell(inputs, state)
            if self._output_layer is not None:
                output = self._output_layer(output)
            sample = self._helper.sample(time, output, state)
            finished, following, state = self._helper.next_inputs(time, output, state, sample)
        return BasicDecoderOutput(output, sample), state, following, finished

    def finalize(self, outputs, final_state, sequence_lengths):
        raise NotImplementedError

    @property
    def output_size(self):
        return BasicDecoderOutput(self._output_shape(), TensorShape([]))

    @property
    def output_dtype(self):
        first = self._initial_state
        while isinstance(first, (list, tuple)):
            first = first[0]
        return BasicDecoderOutput(first.dtype.base_dtype, self._helper.sample_ids_dtype)

    def _output_shape(self):
        size = self._cell.output_size
        shape = TensorShape([size]) if isinstance(size, int) else TensorShape(size)
        layer = self._output_layer
        if layer is None:
            return shape
        return layer.compute_output_shape(TensorShape([None]).concatenate(shape))[1:]


def dynamic_decode(decoder, output_time_major=False, impute_finished=False, maximum_iterations=None,
                   parallel_iterations=32, swap_memory=False, scope=None):  # fmt: skip
    """tf.contrib.seq2seq.dynamic_decode: (outputs, final state, lengths) of a decoder run to its end.

    `impute_finished` makes outputs of ended sequences zero and keeps their state; `maximum_iterations` ends
    all sequences.
    """
    with variable_scope(scope, "decoder"):
        finished, inputs, state = decoder.initialize()
        if maximum_iterations is not None:
            maximum_iterations = convert_to_tensor(maximum_iterations, dtype=dtypes.int32)
            finished = logical_or(finished, greater_equal(0, maximum_iterations))
        blank = map_structure(lambda s, d: zero_state_tensor(s, decoder.batch_size, d), decoder.output_size,
                              decoder.output_dtype)  # fmt: skip
        arrays = map_structure(lambda d: TensorArray(d, 0, dynamic_size=True), decoder.output_dtype)

        def body(time, arrays, state, inputs, finished, lengths):
            outputs, after, following, ended = decoder.step(time, inputs, state)
            ended = logical_or(ended, finished)
            if maximum_iterations is not None:
                ended = logical_or(ended, greater_equal(time + 1, maximum_iterations))
            lengths = where(finished, lengths, fill(shape_of(lengths), time + 1))
            if impute_finished:
                outputs = map_structure(lambda o, z: where(finished, z, o), outputs, blank)
                after = map_structure(lambda b, a: keep_where(finished, b, a), state, after)
            arrays = map_structure(lambda a, o: a.write(time, o), arrays, outputs)
            return time + 1, arrays, after, following, ended, lengths

        start = (constant(0), arrays, state, inputs, finished, zeros_like(finished, dtypes.int32))
        found = while_loop(lambda time, a, s, i, finished, n: logical_not(reduce_all(finished)), body, start)
        outputs = map_structure(lambda a: a.stack(), found[1])
        if not output_time_major:
            outputs = map_structure(swap_batch_and_time, outputs)
        return outputs, found[2], found[5]
