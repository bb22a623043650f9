"""What a user may fetch and feed: nested structures in, flat lists of tensors for the planner."""

import collections.abc
import operator

import numpy as np

from minitf.graph.operation import Tensor
from minitf.graph.sparse import IndexedSlices, IndexedSlicesValue, SparseTensorValue
from minitf.kernels.cuda import devices as cuda
from minitf.kernels.cuda.arrays import DeviceArray
from minitf.ops.constant import _as_bytes
from minitf.ops.sparse_tensor import SparseTensor


class Fetches:
    """A structure of fetches, flattened: `elements` are the distinct tensors and operations.

    `lasting` says that the session keeps it, and what it was made of.

    Raises TypeError for what can't be fetched, ValueError for elements of another graph.
    """

    def __init__(self, graph, structure):
        self._graph, self.lasting = graph, False
        self.elements = []
        self._places = {}
        self._rebuild = self._visit(structure)
        if type(structure) is list and structure == self.elements:
            self._rebuild = list  # distinct tensors and operations, as in most runs
        elif [structure] == self.elements:
            self._rebuild = operator.itemgetter(0)
        self.key = tuple(self.elements)

    @property
    def build(self):
        """A function of values, parallel to `elements`, that puts them into the structure."""
        return self._rebuild

    def _visit(self, fetch):
        if fetch is None:
            raise TypeError("Fetch argument None has invalid type <class 'NoneType'>. "
                            "Is it the result of an assignment such as `x = sess.run(...)`?")  # fmt: skip
        if isinstance(fetch, collections.abc.Mapping):
            parts = {key: self._visit(value) for key, value in fetch.items()}
            kind = type(fetch) if isinstance(fetch, dict) else dict
            return lambda values: _same_kind_of_dict(kind, {k: part(values) for k, part in parts.items()})
        if isinstance(fetch, tuple) and hasattr(fetch, "_fields"):
            parts = [self._visit(f) for f in fetch]
            return lambda values: type(fetch)(*[p(values) for p in parts])
        if isinstance(fetch, (list, tuple)):
            parts = [self._visit(f) for f in fetch]
            return lambda values: type(fetch)([p(values) for p in parts])
        if isinstance(fetch, SparseTensor):
            parts = [self._visit(t) for t in (fetch.indices, fetch.values, fetch.dense_shape)]
            return lambda values: SparseTensorValue(*[p(values) for p in parts])
        if isinstance(fetch, IndexedSlices):
            dense = fetch.dense_shape
            parts = [self._visit(t) for t in (fetch.values, fetch.indices)]
            shape = self._visit(dense) if dense is not None else lambda values: None
            return lambda values: IndexedSlicesValue(*[p(values) for p in parts], shape(values))
        return self._leaf(fetch)

    def _leaf(self, fetch):
        try:
            element = self._graph.as_graph_element(fetch)
        except TypeError as error:
            raise TypeError(f"Fetch argument {fetch!r} has invalid type {type(fetch).__name__}, must be a string or "
                            f"Tensor. ({error})") from None  # fmt: skip
        except ValueError as error:
            raise ValueError(
                f"Fetch argument {fetch!r} cannot be interpreted as a Tensor. ({error})"
            ) from None
        except KeyError as error:
            raise ValueError(
                f"Fetch argument {fetch!r} cannot be interpreted as a Tensor. ({error})"
            ) from None
        if not self._graph.is_fetchable(element):
            raise ValueError(f"Operation {element.name!r} has been marked as not fetchable.")
        _check_fetchable_context(element)
        place = self._places.setdefault(element, len(self.elements))
        if place == len(self.elements):
            self.elements.append(element)
        return lambda values: values[place]


def _same_kind_of_dict(kind, items):
    try:
        return kind(items)
    except TypeError:  # a defaultdict, say, whose constructor wants something else
        return items


def _check_fetchable_context(element):
    op = element.op if isinstance(element, Tensor) else element
    if op.context is not None:
        raise ValueError(f"Operation {op.name!r} stands inside a while_loop or cond: it has a value in each of its "
                         "turns, and none outside. Return it from the body, or step into it.")  # fmt: skip


def expand_feeds(graph, feed_dict):
    """{tensor: value} with sparse feeds taken apart and names looked up."""
    if feed_dict is None:
        return {}
    if not hasattr(feed_dict, "items"):
        raise TypeError(
            f"feed_dict must be a dictionary {{placeholder: value}}, got {type(feed_dict).__name__}"
        )
    feeds = {}
    for key, value in feed_dict.items():
        if type(key) is Tensor:
            feeds[_own(graph, key)] = value
        elif isinstance(key, SparseTensor):
            for tensor, part in zip((key.indices, key.values, key.dense_shape), value, strict=True):
                feeds[_own(graph, tensor)] = part
        elif isinstance(key, IndexedSlices):
            for tensor, part in zip((key.values, key.indices, key.dense_shape), value, strict=False):
                if tensor is not None:
                    feeds[_own(graph, tensor)] = part
        elif isinstance(key, (tuple, list)):
            feeds.update(expand_feeds(graph, dict(zip(key, value, strict=True))))
        else:
            feeds[_lookup(graph, key)] = value
    for tensor in feeds:
        if not graph.is_feedable(tensor):
            raise ValueError(f"Tensor {tensor.name} may not be fed.")
    return feeds


def _own(graph, tensor):
    if tensor.graph is not graph:
        raise TypeError(
            f"Cannot interpret feed_dict key as Tensor: Tensor {tensor} is not an element of this graph."
        )
    return tensor


def _lookup(graph, key):
    try:
        return graph.as_graph_element(key, allow_operation=False)
    except (TypeError, ValueError, KeyError) as error:
        raise TypeError(f"Cannot interpret feed_dict key as Tensor: {error}") from None


def feed_value(tensor, value):
    """`value` as an array that fits `tensor`.

    Raises TypeError for a tensor as a value, ValueError where dtype or shape don't fit.
    """
    if type(value) is np.ndarray and value.dtype == tensor.dtype.as_numpy_dtype and value.dtype != object:
        array = value if value.flags.c_contiguous else np.ascontiguousarray(value)
    else:
        array = _converted(tensor, value)
    sizes = tensor.shape.sizes
    if sizes is not None and sizes != array.shape and not _fits(array.shape, sizes):
        raise ValueError(f"Cannot feed value of shape {array.shape} for Tensor {tensor.name!r}, which has shape "
                         f"{str(tensor.shape)!r}")  # fmt: skip
    return array


def _fits(shape, sizes):
    if len(shape) != len(sizes):
        return False
    for actual, wanted in zip(shape, sizes):  # noqa: SIM110 - a generator costs half a microsecond a feed
        if wanted is not None and actual != wanted:
            return False
    return True


def _converted(tensor, value):
    if isinstance(value, Tensor) or hasattr(value, "_as_tensor"):
        raise TypeError("The value of a feed cannot be a tf.Tensor object. Acceptable feed values include Python "
                        f"scalars, strings, lists, numpy ndarrays. For {tensor.name!r}, got {value!r}; "
                        "run it first: session.run(value).")  # fmt: skip
    if not tensor.dtype.is_numpy_compatible:
        return value
    if cuda.is_on_gpu(value):
        value = cuda.adopted(value)
    if isinstance(value, DeviceArray):
        return value if value.dtype == tensor.dtype.as_numpy_dtype else value.numpy()
    wanted = tensor.dtype.as_numpy_dtype
    is_number = isinstance(value, int) and not isinstance(value, bool) and np.dtype(wanted).kind in "iu"
    if is_number and int(np.array(value).astype(wanted)) != value:
        raise TypeError(f"Type of feed value {value} with type {type(value)} is not compatible with Tensor type "
                        f"{wanted.__name__}. Try explicitly setting the type of the feed tensor to a larger type "
                        "(e.g. int64).")  # fmt: skip
    try:
        if wanted is np.object_:
            return _as_bytes(np.array(value, object))
        return np.asarray(value, dtype=wanted, order="C")
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"Cannot feed {tensor.name!r} ({tensor.dtype.name}, shape {tensor.shape}): {error}"
        ) from None
