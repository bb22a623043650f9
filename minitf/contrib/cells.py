"""Cells of tf.contrib.rnn that `tf.nn.rnn_cell` does not have, and stacks that read both ways.

Sources: J. Ba et al., "Layer Normalization" (2016); J. Collins et al., "Capacity and Trainability in Recurrent
Neural Networks" (2016) for UGRNN; R. Srivastava et al., "Highway Networks" (2015); X. Shi et al., "Convolutional
LSTM Network" (2015).
"""

from minitf.graph.shape import TensorShape
from minitf.ops.activations import sigmoid, tanh
from minitf.ops.convolution_functions import convolution
from minitf.ops.dropout import dropout
from minitf.ops.initializing import Constant, Zeros
from minitf.ops.joining import concat, split
from minitf.ops.moments import batch_normalization, moments
from minitf.ops.variable_scope import get_variable, variable_scope
from minitf.rnn.both_ways import bidirectional_dynamic_rnn
from minitf.rnn.cell import RNNCell
from minitf.rnn.cells import LSTMStateTuple
from minitf.rnn.wrappers import linear

_VARIANCE_EPSILON = 1e-12


class LayerNormBasicLSTMCell(RNNCell):
    """tf.contrib.rnn.LayerNormBasicLSTMCell: an LSTM whose gates and state are normalized over the units.

    `norm_gain` and `norm_shift` start gamma and beta; the new input is dropped out with `dropout_keep_prob`.
    """

    def __init__(self, num_units, forget_bias=1.0, input_size=None, activation=tanh, layer_norm=True, norm_gain=1.0,
                 norm_shift=0.0, dropout_keep_prob=1.0, dropout_prob_seed=None, reuse=None):  # fmt: skip
        super().__init__(_reuse=reuse)
        self._num_units, self._forget_bias, self._activation = num_units, forget_bias, activation
        self._normalizes, self._start = layer_norm, (norm_gain, norm_shift)
        self._keep_prob, self._seed = dropout_keep_prob, dropout_prob_seed

    state_size = property(lambda self: LSTMStateTuple(self._num_units, self._num_units))
    output_size = property(lambda self: self._num_units)

    def call(self, inputs, state):
        c, h = state
        gates = split(linear([inputs, h], 4 * self._num_units, not self._normalizes), 4, axis=1)
        if self._normalizes:
            names = ("input", "transform", "forget", "output")
            gates = [self._normalized(gate, name) for gate, name in zip(gates, names, strict=True)]
        i, j, f, o = gates
        new = self._activation(j)
        if not isinstance(self._keep_prob, float) or self._keep_prob < 1:
            new = dropout(new, self._keep_prob, seed=self._seed)
        c = c * sigmoid(f + self._forget_bias) + sigmoid(i) * new
        if self._normalizes:
            c = self._normalized(c, "state")
        h = self._activation(c) * sigmoid(o)
        return h, LSTMStateTuple(c, h)

    def _normalized(self, x, scope):
        gain, shift = self._start
        with variable_scope(scope):
            gamma = get_variable("gamma", [self._num_units], x.dtype.base_dtype, initializer=Constant(gain))
            beta = get_variable("beta", [self._num_units], x.dtype.base_dtype, initializer=Constant(shift))
        mean, variance = moments(x, [1], keep_dims=True)
        return batch_normalization(x, mean, variance, beta, gamma, _VARIANCE_EPSILON)


class UGRNNCell(RNNCell):
    """tf.contrib.rnn.UGRNNCell: new state = g * state + (1 - g) * activation(c), both made by one matrix."""

    def __init__(self, num_units, initializer=None, forget_bias=1.0, activation=tanh, reuse=None):
        super().__init__(_reuse=reuse)
        self._num_units, self._initializer = num_units, initializer
        self._forget_bias, self._activation = forget_bias, activation

    state_size = output_size = property(lambda self: self._num_units)

    def call(self, inputs, state):
        made = linear([inputs, state], 2 * self._num_units, True, kernel_initializer=self._initializer)
        gate, new = split(made, 2, axis=1)
        gate = sigmoid(gate + self._forget_bias)
        state = gate * state + (1 - gate) * self._activation(new)
        return state, state


class HighwayWrapper(RNNCell):
    """tf.contrib.rnn.HighwayWrapper: carry * input + transform * output of `cell`, both gates made from the input.

    With `couple_carry_transform_gates`, transform = 1 - carry.  Raises ValueError where input and output differ in
    shape.
    """

    def __init__(self, cell, couple_carry_transform_gates=True, carry_bias_init=1.0):
        super().__init__()
        self._cell, self._couples, self._bias = cell, couple_carry_transform_gates, carry_bias_init

    state_size = property(lambda self: self._cell.state_size)
    output_size = property(lambda self: self._cell.output_size)

    def zero_state(self, batch_size, dtype):
        return self._cell.zero_state(batch_size, dtype)

    def call(self, inputs, state):
        output, state = self._cell(inputs, state)
        inputs.shape.assert_is_compatible_with(output.shape)
        carry = self._gate(inputs, "carry", self._bias)
        transform = 1 - carry if self._couples else self._gate(inputs, "transform", -self._bias)
        return inputs * carry + output * transform, state

    @staticmethod
    def _gate(inputs, name, bias):
        with variable_scope(name):
            return sigmoid(linear(inputs, inputs.shape[-1].value, True, Constant(bias)))


class ConvLSTMCell(RNNCell):
    """tf.contrib.rnn.ConvLSTMCell: an LSTM on images, whose matrices are convolutions.

    `conv_ndims` is 1, 2 or 3; `input_shape` lists the sizes without the batch, channels last; `kernel_shape` has
    `conv_ndims` sizes.  With `skip_connection` the output carries the input along as further channels.
    Raises ValueError where these do not fit.
    """

    def __init__(self, conv_ndims, input_shape, output_channels, kernel_shape, use_bias=True, skip_connection=False,
                 forget_bias=1.0, initializers=None, name="conv_lstm_cell"):  # fmt: skip
        super().__init__(name=name)
        if conv_ndims != len(input_shape) - 1:
            raise ValueError(f"Invalid input_shape {input_shape} for conv_ndims={conv_ndims}.")
        self._input_shape, self._channels, self._kernel_shape = list(input_shape), output_channels, list(kernel_shape)
        self._use_bias, self._skips, self._forget_bias = use_bias, skip_connection, forget_bias

    @property
    def state_size(self):
        size = TensorShape([*self._input_shape[:-1], self._channels])
        return LSTMStateTuple(size, size)

    @property
    def output_size(self):
        channels = self._channels + (self._input_shape[-1] if self._skips else 0)
        return TensorShape([*self._input_shape[:-1], channels])

    def call(self, inputs, state):
        c, h = state
        found = self._convolution(concat([inputs, h], -1), 4 * self._channels)
        i, new, f, o = split(found, 4, axis=-1)
        c = sigmoid(f + self._forget_bias) * c + sigmoid(i) * tanh(new)
        output = tanh(c) * sigmoid(o)
        return concat([output, inputs], -1) if self._skips else output, LSTMStateTuple(c, output)

    def _convolution(self, x, channels):
        dtype = x.dtype.base_dtype
        kernel = get_variable("kernel", [*self._kernel_shape, x.shape[-1].value, channels], dtype)
        found = convolution(x, kernel, "SAME")
        return found + get_variable("biases", [channels], dtype, initializer=Zeros()) if self._use_bias else found


def stack_bidirectional_dynamic_rnn(cells_fw, cells_bw, inputs, initial_states_fw=None, initial_states_bw=None,
                                    dtype=None, sequence_length=None, parallel_iterations=None, time_major=False,
                                    scope=None):  # fmt: skip
    """Layers of `bidirectional_dynamic_rnn`; each reads the joined outputs (batch, time, 2 * units) of the one before.

    Returns (outputs, final states forward, final states backward), the states as tuples with one per layer.
    Raises ValueError where the lists are empty or differ in length.
    """
    if not cells_fw or len(cells_fw) != len(cells_bw):
        raise ValueError("Forward and Backward cells must have the same depth, of one layer at least.")
    starts = [list(states) if states else [None] * len(cells_fw) for states in (initial_states_fw, initial_states_bw)]
    states, outputs = [], inputs
    with variable_scope(scope or "stack_bidirectional_rnn"):
        for i, (forward, backward, start_fw, start_bw) in enumerate(zip(cells_fw, cells_bw, *starts, strict=True)):
            with variable_scope(f"cell_{i}"):
                both, last = bidirectional_dynamic_rnn(
                    forward, backward, outputs, sequence_length, start_fw, start_bw, dtype, parallel_iterations,
                    time_major=time_major,
                )  # fmt: skip
                outputs = concat(both, 2)
                states.append(last)
    return outputs, tuple(fw for fw, _ in states), tuple(bw for _, bw in states)
