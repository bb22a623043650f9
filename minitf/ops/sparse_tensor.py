"""`SparseTensor`: coordinates and values of the entries that are not zero."""

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.graph.sparse import SparseTensorValue
from minitf.ops.constant import convert_to_tensor
from minitf.ops.op import constant_value_as_shape


class SparseTensor:
    """indices int64 (n, rank), values (n,), dense_shape int64 (rank,): entry i stands at indices[i]."""

    def __init__(self, indices, values, dense_shape):
        with name_scope(None, "SparseTensor", [indices, values, dense_shape]):
            self._indices = convert_to_tensor(indices, name="indices", dtype=dtypes.int64)
            self._values = convert_to_tensor(values, name="values")
            self._dense_shape = convert_to_tensor(dense_shape, name="dense_shape", dtype=dtypes.int64)
        rows = self._indices.shape.with_rank(2)
        self._values.shape.with_rank(1)
        rows[0].assert_is_compatible_with(self._values.shape[0])
        rows[1].assert_is_compatible_with(self._dense_shape.shape.with_rank(1)[0])

    @classmethod
    def from_value(cls, value):
        """A SparseTensor of a SparseTensorValue, or a SparseTensor as it is."""
        if isinstance(value, cls):
            return value
        if not isinstance(value, SparseTensorValue):
            raise TypeError(f"Neither a SparseTensor nor SparseTensorValue: {value}.")
        return cls(value.indices, value.values, value.dense_shape)

    @property
    def indices(self):
        return self._indices

    @property
    def values(self):
        return self._values

    @property
    def dense_shape(self):
        return self._dense_shape

    @property
    def shape(self):
        return TensorShape(constant_value_as_shape(self._dense_shape))

    def get_shape(self):
        return self.shape

    @property
    def dtype(self):
        return self._values.dtype

    @property
    def op(self):
        return self._values.op

    @property
    def graph(self):
        return self._values.graph

    def consumers(self):
        """The operations that take the values."""
        return self._values.consumers()

    def eval(self, feed_dict=None, session=None):
        """Run the default session (or `session`) for a SparseTensorValue."""
        from minitf.graph.stack import sessions

        return (session or sessions.get()).run(self, feed_dict)

    def __repr__(self):
        return f"SparseTensor(indices={self._indices}, values={self._values}, dense_shape={self._dense_shape})"


def as_sparse(value):
    """`value` (a SparseTensor or SparseTensorValue) as a SparseTensor; TypeError for others."""
    return SparseTensor.from_value(value)


def convert_to_tensor_or_sparse_tensor(value, dtype=None, name=None):
    """SparseTensor and SparseTensorValue become a SparseTensor, all else a Tensor."""
    if isinstance(value, SparseTensorValue):
        value = SparseTensor.from_value(value)
    return value if isinstance(value, SparseTensor) else convert_to_tensor(value, dtype, name)
