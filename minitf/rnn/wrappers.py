"""Cells made of other cells."""

import hashlib

from minitf.graph.graph import device, name_scope
from minitf.ops.bias import bias_add
from minitf.ops.gathering import gather
from minitf.ops.initializing import RandomUniform, Zeros
from minitf.ops.joining import concat
from minitf.ops.matmul import matmul
from minitf.ops.random import random_uniform
from minitf.ops.rounding import floor
from minitf.ops.slicing import slice as slice_of
from minitf.ops.structure import assert_same_structure, map_structure
from minitf.ops.variable_scope import get_variable, get_variable_scope, variable_scope
from minitf.rnn.cell import RNNCell


class MultiRNNCell(RNNCell):
    """tf.nn.rnn_cell.MultiRNNCell: `cells` one upon the other; the state is the tuple of their states."""

    def __init__(self, cells, state_is_tuple=True):
        super().__init__()
        if not cells:
            raise ValueError("Must specify at least one cell for MultiRNNCell.")
        if not isinstance(cells, (list, tuple)):
            raise TypeError(f"cells must be a list or tuple, but saw: {cells}.")
        if not state_is_tuple and any(isinstance(c.state_size, tuple) for c in cells):
            raise ValueError(
                "Some cells return tuples of states, but the flag state_is_tuple is not set.  "
                f"State sizes are: {[c.state_size for c in cells]}"
            )
        self._cells, self._state_is_tuple = list(cells), state_is_tuple

    @property
    def state_size(self):
        sizes = tuple(cell.state_size for cell in self._cells)
        return sizes if self._state_is_tuple else sum(sizes)

    @property
    def output_size(self):
        return self._cells[-1].output_size

    def zero_state(self, batch_size, dtype):
        if not self._state_is_tuple:
            return super().zero_state(batch_size, dtype)
        with name_scope(None, type(self).__name__ + "ZeroState", [batch_size]):
            return tuple(cell.zero_state(batch_size, dtype) for cell in self._cells)

    @property
    def variables(self):
        return [v for cell in self._cells for v in cell.variables]

    @property
    def trainable_variables(self):
        return [v for cell in self._cells for v in cell.trainable_variables]

    def call(self, inputs, state):
        position, states = 0, []
        for i, cell in enumerate(self._cells):
            with variable_scope(f"cell_{i}"):
                if self._state_is_tuple:
                    before = state[i]
                else:
                    before = slice_of(state, [0, position], [-1, cell.state_size])
                    position += cell.state_size
                inputs, after = cell(inputs, before)
                states.append(after)
        return inputs, tuple(states) if self._state_is_tuple else concat(states, 1)


class _Wrapper(RNNCell):
    def __init__(self, cell):
        super().__init__()
        if not hasattr(cell, "state_size"):
            raise TypeError(f"The parameter cell is not an RNNCell: {cell}")
        self._cell = cell

    @property
    def wrapped_cell(self):
        return self._cell

    @property
    def state_size(self):
        return self._cell.state_size

    @property
    def output_size(self):
        return self._cell.output_size

    @property
    def variables(self):
        return self._cell.variables

    @property
    def trainable_variables(self):
        return self._cell.trainable_variables

    def zero_state(self, batch_size, dtype):
        with name_scope(None, type(self).__name__ + "ZeroState", [batch_size]):
            return self._cell.zero_state(batch_size, dtype)


class DropoutWrapper(_Wrapper):
    """tf.nn.rnn_cell.DropoutWrapper: dropout on the inputs, the outputs and the state of `cell`.

    Each `keep_prob` is a number or a tensor.  With `variational_recurrent` a run drops the same elements
    at all steps of a sequence (then `dtype`, and `input_size` where inputs are dropped, are needed).
    `dropout_state_filter_visitor(state)` chooses what of the state is dropped: by default not the c of an LSTM.
    """

    def __init__(self, cell, input_keep_prob=1.0, output_keep_prob=1.0, state_keep_prob=1.0,
                 variational_recurrent=False, input_size=None, dtype=None, seed=None,
                 dropout_state_filter_visitor=None):  # fmt: skip
        super().__init__(cell)
        if dropout_state_filter_visitor is not None and not callable(dropout_state_filter_visitor):
            raise TypeError("dropout_state_filter_visitor must be callable")
        self._input_keep, self._output_keep = _checked(input_keep_prob), _checked(output_keep_prob)
        self._state_keep, self._seed = _checked(state_keep_prob), seed
        self._filter = dropout_state_filter_visitor or _not_the_memory
        self._variational = variational_recurrent
        if variational_recurrent:
            self._make_noise(input_size, dtype)

    def _make_noise(self, input_size, dtype):
        if dtype is None:
            raise ValueError("When variational_recurrent=True, dtype must be provided")

        def noise(kind):
            def make(i, size):
                return random_uniform([1, size], dtype=dtype, seed=self._seed_for(kind, i))

            return make

        if not _keeps_all(self._input_keep):
            if input_size is None:
                raise ValueError(
                    "When variational_recurrent=True and input_keep_prob < 1.0, input_size is needed"
                )
            self._input_noise = _enumerated(noise("input"), input_size)
        self._state_noise = _enumerated(noise("state"), self._cell.state_size)
        self._output_noise = _enumerated(noise("output"), self._cell.output_size)

    def _seed_for(self, kind, i):
        if self._seed is None:
            return None
        text = f"{self._seed}{kind}_{i}".encode()
        return int(hashlib.md5(text).hexdigest()[:8], 16) & 0x7FFFFFFF

    def __call__(self, inputs, state, scope=None):
        if not _keeps_all(self._input_keep):
            inputs = self._dropped(inputs, "input", self._input_keep)
        output, new_state = self._cell(inputs, state, scope)
        if not _keeps_all(self._state_keep):
            wanted = self._filter(new_state)
            dropped = self._dropped(new_state, "state", self._state_keep)
            new_state = _chosen(wanted, dropped, new_state)
        if not _keeps_all(self._output_keep):
            output = self._dropped(output, "output", self._output_keep)
        return output, new_state

    def _dropped(self, values, kind, keep):
        from minitf.ops.dropout import dropout

        if self._variational:
            noise = getattr(self, f"_{kind}_noise")
            return map_structure(lambda v, n: v / keep * floor(keep + n), values, noise)
        return _enumerated(lambda i, v: dropout(v, keep_prob=keep, seed=self._seed_for(kind, i)), values)


def _checked(keep):
    if isinstance(keep, (int, float)) and not 0.0 <= keep <= 1.0:
        raise ValueError(f"Parameter keep_prob must be between 0 and 1: {keep}")
    return keep


def _keeps_all(keep):
    return isinstance(keep, (int, float)) and keep >= 1.0


def _not_the_memory(state):
    """True for what of a state is dropped: the outputs, not the c of an LSTM."""
    if hasattr(state, "_fields") and state._fields == ("c", "h"):
        return type(state)(c=False, h=True)
    return type(state)(_not_the_memory(s) for s in state) if isinstance(state, (list, tuple)) else True


def _chosen(wanted, dropped, kept):
    if isinstance(wanted, bool):
        return dropped if wanted else kept
    assert_same_structure(wanted, kept, check_types=False)
    parts = [_chosen(w, d, k) for w, d, k in zip(wanted, dropped, kept, strict=True)]
    return type(kept)(*parts) if hasattr(kept, "_fields") else type(kept)(parts)


def _enumerated(function, structure):
    """map_structure, where the function gets the number of the leaf as well."""
    count = iter(range(1 << 30))
    return map_structure(lambda leaf: function(next(count), leaf), structure)


class ResidualWrapper(_Wrapper):
    """tf.nn.rnn_cell.ResidualWrapper: the output of `cell` plus its input, or `residual_fn(input, output)`."""

    def __init__(self, cell, residual_fn=None):
        super().__init__(cell)
        self._residual = residual_fn

    def __call__(self, inputs, state, scope=None):
        output, new_state = self._cell(inputs, state, scope)
        if self._residual is not None:
            return self._residual(inputs, output), new_state
        assert_same_structure(inputs, output)
        return map_structure(_sum, inputs, output), new_state


def _sum(x, y):
    if not x.shape.is_compatible_with(y.shape):
        raise ValueError(
            f"The input {x.shape} and the output {y.shape} of a residual cell must have one shape"
        )
    return x + y


class DeviceWrapper(_Wrapper):
    """tf.nn.rnn_cell.DeviceWrapper: `cell`, placed on `device`."""

    def __init__(self, cell, device):
        super().__init__(cell)
        self._device = device

    def __call__(self, inputs, state, scope=None):
        with device(self._device):
            return self._cell(inputs, state, scope)


class InputProjectionWrapper(_Wrapper):
    """tf.contrib.rnn.InputProjectionWrapper: the input times a matrix to `num_proj` numbers, then `cell`."""

    def __init__(self, cell, num_proj, activation=None, input_size=None, reuse=None):
        super().__init__(cell)
        self._num_proj, self._activation = num_proj, activation

    def call(self, inputs, state):
        projected = linear(inputs, self._num_proj, True)
        return self._cell(projected if self._activation is None else self._activation(projected), state)


class OutputProjectionWrapper(_Wrapper):
    """tf.contrib.rnn.OutputProjectionWrapper: `cell`, then the output times a matrix to `output_size` numbers."""

    def __init__(self, cell, output_size, activation=None, reuse=None):
        super().__init__(cell)
        self._size, self._activation = output_size, activation

    @property
    def output_size(self):
        return self._size

    def call(self, inputs, state):
        output, new_state = self._cell(inputs, state)
        projected = linear(output, self._size, True)
        return projected if self._activation is None else self._activation(projected), new_state


def linear(args, output_size, bias, bias_initializer=None, kernel_initializer=None):
    """Several (batch, n) tensors side by side, times one matrix "kernel", plus a "bias": (batch, output_size).

    Raises ValueError without tensors, or where one is no matrix of known width.
    """
    args = list(args) if isinstance(args, (list, tuple)) else [args]
    if not args or args[0] is None:
        raise ValueError("`args` must be specified")
    for tensor in args:
        if tensor.shape.ndims != 2 or tensor.shape.sizes[1] is None:
            raise ValueError(f"linear expects matrices of known width: {tensor.shape}")
    dtype, width = args[0].dtype.base_dtype, sum(t.shape.sizes[1] for t in args)
    kernel = get_variable("kernel", [width, output_size], dtype, initializer=kernel_initializer)
    product = matmul(args[0] if len(args) == 1 else concat(args, 1), kernel)
    if not bias:
        return product
    return bias_add(product, get_variable("bias", [output_size], dtype, initializer=bias_initializer or Zeros()))


class EmbeddingWrapper(_Wrapper):
    """tf.contrib.rnn.EmbeddingWrapper: integers are looked up in a table, then given to `cell`."""

    def __init__(self, cell, embedding_classes, embedding_size, initializer=None, reuse=None):
        super().__init__(cell)
        if embedding_classes <= 0 or embedding_size <= 0:
            raise ValueError(
                f"Both embedding_classes and embedding_size must be > 0: {embedding_classes}, {embedding_size}."
            )
        self._classes, self._size, self._initializer = embedding_classes, embedding_size, initializer

    def call(self, inputs, state):
        limit = 3**0.5
        initializer = self._initializer or get_variable_scope().initializer or RandomUniform(-limit, limit)
        table = get_variable("embedding", [self._classes, self._size], initializer=initializer)
        flat = inputs if inputs.shape.ndims == 1 else inputs[:, 0]
        return self._cell(gather(table, flat), state)
