"""Several tensors that stand for one: rows of a large tensor, and a sparse tensor."""

import collections

from minitf.graph.scopes import _IndexedSlicesLike
from minitf.graph.shape import TensorShape


class IndexedSlices(_IndexedSlicesLike):
    """Some rows of a larger tensor: row `indices[i]` is `values[i]`; rows not named are zero.

    The gradient of `gather`: an embedding's update then touches only the rows that were looked up.
    An index may occur several times; its rows add up.
    """

    def __init__(self, values, indices, dense_shape=None):
        self._values, self._indices, self._dense_shape = values, indices, dense_shape

    @property
    def values(self):
        return self._values

    @property
    def indices(self):
        return self._indices

    @property
    def dense_shape(self):
        return self._dense_shape

    @property
    def shape(self):
        rest = self._values.shape[1:]
        return TensorShape([None]).concatenate(rest)

    def get_shape(self):
        return self.shape

    @property
    def name(self):
        return self._values.name

    @property
    def dtype(self):
        return self._values.dtype

    @property
    def device(self):
        return self._values.device

    @property
    def op(self):
        return self._values.op

    @property
    def graph(self):
        return self._values.graph

    def __repr__(self):
        return f"IndexedSlices(indices={self._indices}, values={self._values})"


IndexedSlicesValue = collections.namedtuple("IndexedSlicesValue", ["values", "indices", "dense_shape"])
SparseTensorValue = collections.namedtuple("SparseTensorValue", ["indices", "values", "dense_shape"])
