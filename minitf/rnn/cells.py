"""The cells: a plain one, and those with gates.

Sources: S. Hochreiter, J. Schmidhuber, "Long Short-Term Memory" (1997); F. Gers et al. on forget gates (2000) and
peepholes (2002); H. Sak et al. on projections (2014); K. Cho et al. on gated recurrent units (2014).
"""

import collections

from minitf.ops.activations import sigmoid, tanh
from minitf.ops.bias import bias_add
from minitf.ops.clipping import clip_by_value
from minitf.ops.initializing import Constant, Zeros
from minitf.ops.joining import concat, split
from minitf.ops.matmul import matmul
from minitf.ops.rectifiers import relu
from minitf.rnn.cell import LayerRNNCell

_LSTMStateTuple = collections.namedtuple("LSTMStateTuple", ("c", "h"))


class LSTMStateTuple(_LSTMStateTuple):
    """tf.nn.rnn_cell.LSTMStateTuple: the cell state `c` and the output `h` of an LSTM."""

    __slots__ = ()

    @property
    def dtype(self):
        c, h = self
        if c.dtype is not h.dtype:
            raise TypeError(f"Inconsistent internal state: {c.dtype!r} vs {h.dtype!r}")
        return c.dtype


def _features(inputs_shape):
    if inputs_shape[-1].value is None:
        raise ValueError(f"Expected inputs.shape[-1] to be known, saw shape: {inputs_shape}")
    return inputs_shape[-1].value


class _Gated(LayerRNNCell):
    def __init__(self, num_units, activation, reuse, name, dtype, **kwargs):
        super().__init__(_reuse=reuse, name=name, dtype=dtype, **kwargs)
        self._num_units, self._activation = num_units, _activation_of(activation)

    @property
    def state_size(self):
        return self._num_units

    @property
    def output_size(self):
        return self._num_units


def _activation_of(activation):
    if isinstance(activation, str):
        return {"tanh": tanh, "sigmoid": sigmoid, "relu": relu}[activation]
    return activation or tanh


class BasicRNNCell(_Gated):
    """tf.nn.rnn_cell.BasicRNNCell: output = new state = activation(W [input, state] + b)."""

    def __init__(self, num_units, activation=None, reuse=None, name=None, dtype=None, **kwargs):
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)

    def build(self, inputs_shape):
        rows = _features(inputs_shape) + self._num_units
        self._kernel = self.add_variable("kernel", [rows, self._num_units])
        self._bias = self.add_variable("bias", [self._num_units], initializer=Zeros(dtype=self.dtype))

    def call(self, inputs, state):
        output = self._activation(bias_add(matmul(concat([inputs, state], 1), self._kernel), self._bias))
        return output, output


class GRUCell(_Gated):
    """tf.nn.rnn_cell.GRUCell: gates r and u; new state = u * state + (1 - u) * activation(W [input, r * state] + b)."""

    def __init__(self, num_units, activation=None, reuse=None, kernel_initializer=None, bias_initializer=None,
                 name=None, dtype=None, **kwargs):  # fmt: skip
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._kernel_initializer, self._bias_initializer = kernel_initializer, bias_initializer

    def build(self, inputs_shape):
        n = self._num_units
        rows = _features(inputs_shape) + n
        open_gates = self._bias_initializer or Constant(1.0, dtype=self.dtype)
        zeros = self._bias_initializer or Zeros(dtype=self.dtype)
        self._gate_kernel = self.add_variable(
            "gates/kernel", [rows, 2 * n], initializer=self._kernel_initializer
        )
        self._gate_bias = self.add_variable("gates/bias", [2 * n], initializer=open_gates)
        self._candidate_kernel = self.add_variable(
            "candidate/kernel", [rows, n], initializer=self._kernel_initializer
        )
        self._candidate_bias = self.add_variable("candidate/bias", [n], initializer=zeros)

    def call(self, inputs, state):
        gates = sigmoid(bias_add(matmul(concat([inputs, state], 1), self._gate_kernel), self._gate_bias))
        r, u = split(gates, 2, axis=1)
        candidate = bias_add(
            matmul(concat([inputs, r * state], 1), self._candidate_kernel), self._candidate_bias
        )
        new = u * state + (1 - u) * self._activation(candidate)
        return new, new


class _LSTM(_Gated):
    def _gates(self, inputs, h):
        """Input, candidate, forget and output gate, before their nonlinearities."""
        return split(bias_add(matmul(concat([inputs, h], 1), self._kernel), self._bias), 4, axis=1)

    def _split(self, state):
        return state if self._state_is_tuple else split(state, list(self._sizes), axis=1)

    def _join(self, c, h):
        return LSTMStateTuple(c, h) if self._state_is_tuple else concat([c, h], 1)

    @property
    def _sizes(self):
        return LSTMStateTuple(self._num_units, self.output_size)

    @property
    def state_size(self):
        return self._sizes if self._state_is_tuple else sum(self._sizes)


class BasicLSTMCell(_LSTM):
    """tf.nn.rnn_cell.BasicLSTMCell: an LSTM without peepholes.

    new c = c * sigmoid(f + forget_bias) + sigmoid(i) * activation(j), new h = activation(new c) * sigmoid(o).
    The state is an `LSTMStateTuple(c, h)`, or with `state_is_tuple=False` both side by side.
    """

    def __init__(self, num_units, forget_bias=1.0, state_is_tuple=True, activation=None, reuse=None, name=None,
                 dtype=None, **kwargs):  # fmt: skip
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._forget_bias, self._state_is_tuple = forget_bias, state_is_tuple

    def build(self, inputs_shape):
        rows = _features(inputs_shape) + self._num_units
        self._kernel = self.add_variable("kernel", [rows, 4 * self._num_units])
        self._bias = self.add_variable("bias", [4 * self._num_units], initializer=Zeros(dtype=self.dtype))

    def call(self, inputs, state):
        c, h = self._split(state)
        i, j, f, o = self._gates(inputs, h)
        new_c = c * sigmoid(f + self._forget_bias) + sigmoid(i) * self._activation(j)
        new_h = self._activation(new_c) * sigmoid(o)
        return new_h, self._join(new_c, new_h)


class LSTMCell(_LSTM):
    """tf.nn.rnn_cell.LSTMCell: an LSTM with peepholes, clipping of the cell state, and a projection of the output.

    `use_peepholes` lets the gates see c; `cell_clip` holds c within [-cell_clip, cell_clip]; `num_proj`
    multiplies the output by a matrix to that many numbers, held within `proj_clip`.
    """

    def __init__(self, num_units, use_peepholes=False, cell_clip=None, initializer=None, num_proj=None,
                 proj_clip=None, num_unit_shards=None, num_proj_shards=None, forget_bias=1.0,
                 state_is_tuple=True, activation=None, reuse=None, name=None, dtype=None, **kwargs):  # fmt: skip
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._use_peepholes, self._cell_clip, self._initializer = use_peepholes, cell_clip, initializer
        self._num_proj, self._proj_clip = num_proj, proj_clip
        self._forget_bias, self._state_is_tuple = forget_bias, state_is_tuple

    @property
    def output_size(self):
        return self._num_proj or self._num_units

    def build(self, inputs_shape):
        n, make = self._num_units, self.add_variable
        rows = _features(inputs_shape) + self.output_size
        self._kernel = make("kernel", [rows, 4 * n], initializer=self._initializer)
        bias_initializer = Zeros(dtype=self.dtype)
        self._bias = make("bias", [4 * n], initializer=bias_initializer)
        if self._use_peepholes:
            self._to_f, self._to_i, self._to_o = (
                make(f"w_{gate}_diag", [n], initializer=self._initializer) for gate in "fio"
            )
        if self._num_proj is not None:
            self._projection = make("projection/kernel", [n, self._num_proj], initializer=self._initializer)

    def call(self, inputs, state):
        c, h = self._split(state)
        i, j, f, o = self._gates(inputs, h)
        f = f + self._forget_bias
        if self._use_peepholes:
            f, i = f + self._to_f * c, i + self._to_i * c
        new_c = sigmoid(f) * c + sigmoid(i) * self._activation(j)
        if self._cell_clip is not None:
            new_c = clip_by_value(new_c, -self._cell_clip, self._cell_clip)
        if self._use_peepholes:
            o = o + self._to_o * new_c
        new_h = sigmoid(o) * self._activation(new_c)
        if self._num_proj is not None:
            new_h = matmul(new_h, self._projection)
            if self._proj_clip is not None:
                new_h = clip_by_value(new_h, -self._proj_clip, self._proj_clip)
        return new_h, self._join(new_c, new_h)
