"""What a cell of a recurrent network is: `output, new_state = cell(inputs, state)`."""

import re

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.operation import Tensor
from minitf.graph.shape import Dimension, TensorShape
from minitf.ops.array import zeros
from minitf.ops.constant import convert_to_tensor
from minitf.ops.joining import concat
from minitf.ops.structure import map_structure
from minitf.ops.variable_scope import get_variable, variable_scope


class RNNCell:
    """tf.nn.rnn_cell.RNNCell: subclass it, and define `call(inputs, state)`, `state_size` and `output_size`.

    Variables that `call` makes with `tf.get_variable` live in a scope named after the class, and are
    made once: the cell may be called for every step of a sequence.

    Arguments: `trainable`, `name` (of the scope), `dtype`; `_reuse` is True for variables that exist.
    """

    def __init__(self, trainable=True, name=None, dtype=None, _reuse=None, **kwargs):
        unknown = set(kwargs) - {"activity_regularizer", "input_shape", "batch_input_shape"}
        if unknown:
            raise TypeError(f"Keyword argument not understood: {sorted(unknown)[0]}")
        self.trainable, self._reuse, self._dtype = trainable, _reuse, dtype
        self._base_name = name or _snake_case(type(self).__name__)
        self._scope, self.built = None, False
        self._weights = []

    @property
    def name(self):
        return self._base_name

    @property
    def dtype(self):
        return self._dtype

    @property
    def state_size(self):
        """Sizes of the state: an integer, a TensorShape, or a nested tuple of them."""
        raise NotImplementedError("Abstract method")

    @property
    def output_size(self):
        """Size of the output: an integer or a TensorShape."""
        raise NotImplementedError("Abstract method")

    def build(self, inputs_shape):
        """Make the variables; called before the first `call`."""

    def call(self, inputs, state):
        """One step: (output, new state) for inputs (batch, features) and the state before."""
        raise NotImplementedError("Abstract method")

    def __call__(self, inputs, state, scope=None):
        self.__dict__.setdefault("_scope", None)  # a subclass may have left our __init__ out
        with self._open(scope):
            if not self.__dict__.get("built"):
                if self.__dict__.get("_dtype") is None and isinstance(inputs, Tensor):
                    self._dtype = inputs.dtype.base_dtype
                self.build(inputs.shape if isinstance(inputs, Tensor) else None)
                self.built = True
            return self.call(inputs, state)

    def _open(self, scope):
        """The scope of the cell's variables: opened by the first call, entered again by later ones."""
        again = self._scope is not None
        if not again:
            name = self.__dict__.get("_base_name") or _snake_case(type(self).__name__)
            reuse = self.__dict__.get("_reuse")
            given = scope if scope is not None else name if reuse else None
            with variable_scope(given, default_name=None if given is not None else name, reuse=reuse) as made:
                self._scope = made
        reuse = True if again and not isinstance(self, LayerRNNCell) else self.__dict__.get("_reuse")
        return variable_scope(self._scope, reuse=reuse)

    def add_variable(self, name, shape, dtype=None, initializer=None, regularizer=None, trainable=True,
                     constraint=None, partitioner=None):  # fmt: skip
        """A variable of the cell."""
        made = get_variable(
            name, shape, dtype or self._dtype or dtypes.float32, initializer, regularizer, trainable,
            partitioner=partitioner, constraint=constraint,
        )  # fmt: skip
        self._weights.append(made)
        return made

    add_weight = add_variable

    @property
    def variables(self):
        return list(self._weights)

    weights = variables

    @property
    def trainable_variables(self):
        return list(self._weights) if self.trainable else []

    trainable_weights = trainable_variables

    def zero_state(self, batch_size, dtype):
        """Zeros in the structure of `state_size`, for a batch of `batch_size` (a number or a tensor)."""
        with name_scope(None, type(self).__name__ + "ZeroState", [batch_size]):
            return map_structure(lambda s: zero_state_tensor(s, batch_size, dtype), self.state_size)

    def get_initial_state(self, inputs=None, batch_size=None, dtype=None):
        """`zero_state`, for the batch size and dtype of `inputs` where these are given."""
        from minitf.ops.array import shape_of

        if inputs is not None:
            inputs = convert_to_tensor(inputs)
            batch_size, dtype = shape_of(inputs)[0], inputs.dtype.base_dtype
        if batch_size is None or dtype is None:
            raise ValueError("batch_size and dtype are needed where no inputs are given")
        return self.zero_state(batch_size, dtype)


class LayerRNNCell(RNNCell):
    """A cell that makes its variables in `build`, with `add_variable`."""


def _snake_case(name):
    words = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    found = re.sub("([a-z])([A-Z])", r"\1_\2", words).lower()
    return "private" + found if found[0] == "_" else found


def zero_state_tensor(size, batch_size, dtype):
    """Zeros of shape (batch_size, *size)."""
    sizes = TensorShape([size]) if isinstance(size, (int, Dimension)) or size is None else TensorShape(size)
    if isinstance(batch_size, Tensor):
        batch = batch_size if batch_size.shape.ndims else [batch_size]
        made = zeros(concat([batch, sizes.as_list()], 0), dtype)
        made.set_shape(TensorShape([None]).concatenate(sizes))
        return made
    return zeros([int(batch_size), *sizes.as_list()], dtype)
