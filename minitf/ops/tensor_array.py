"""`TensorArray`: a list of tensors that a loop writes and reads, one element a turn.

The list itself is a value (a *variant* tensor, called the flow): writing makes a new list.  So a
TensorArray is a loop variable like any other, and its gradient is a list of gradients.
"""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.ops.list_gradients import (
    FLOW,
    ListConcatLike,
    ListDrop,
    ListItemLike,
    ListOp,
    ListPlace,
    ListRowsLike,
    ListScatter,
)
from minitf.ops.op import constant_value


class TensorArrayV3(ListOp):
    """A list of `size` empty places."""

    inputs = {"size": "int32"}

    def infer(op, size):
        return [FLOW]

    def numpy(op, size):
        return [(None,) * int(size)]

    def write(op, nodes):
        kinds = {"element_dtype": op.attrs["dtype"], "shape_type": dtypes.int32}
        nodes.replace(op, "TensorListReserve", [nodes.shape(op, "element_shape", None), *op.inputs], **kinds)

    gradient = None


class TensorArrayWriteV3(ListOp):
    """The list with `value` at place `index`."""

    inputs = {"flow_in": "variant", "index": "int32", "value": "T"}
    types = {"T": ()}

    def infer(op, flow_in, index, value):
        return [FLOW]

    def numpy(op, flow_in, index, value):
        i = int(index)
        if i >= len(flow_in) and op.attrs.get("dynamic_size"):
            flow_in = flow_in + (None,) * (i + 1 - len(flow_in))
        if not 0 <= i < len(flow_in):
            raise errors.InvalidArgumentError(
                None,
                op,
                f"Tried to write to index {i} but array is not resizeable and size is: {len(flow_in)}",
            )
        return [(*flow_in[:i], np.array(value), *flow_in[i + 1 :])]

    def write(op, nodes):
        nodes.replace(
            op, "TensorListSetItem", op.inputs, element_dtype=op.inputs[2].dtype,
            resize_if_index_out_of_bounds=bool(op.attrs.get("dynamic_size")),
        )  # fmt: skip

    def gradient(op, dflow):
        _, index, value = op.inputs
        return [ListDrop.apply(dflow, index, value), None, ListItemLike.apply(dflow, index, value)]


class TensorArrayReadV3(ListOp):
    """The element at place `index`."""

    inputs = {"flow_in": "variant", "index": "int32"}

    def infer(op, flow_in, index):
        return [(op.attrs["element_shape"], op.attrs["dtype"])]

    def numpy(op, flow_in, index):
        return [_written(op, flow_in, int(index))]

    def write(op, nodes):
        _write_read(op, nodes, "TensorListGetItem")

    def gradient(op, dy):
        flow, index = op.inputs
        return [ListPlace.apply(flow, index, dy), None]


def _write_read(op, nodes, kind):
    shape = nodes.shape(op, "element_shape", op.attrs["element_shape"])
    nodes.replace(op, kind, [*op.inputs, shape], element_dtype=op.attrs["dtype"])


def _written(op, flow, i):
    if not 0 <= i < len(flow):
        raise errors.InvalidArgumentError(
            None, op, f"Tried to read from index {i} but array size is: {len(flow)}"
        )
    if flow[i] is None:
        raise errors.InvalidArgumentError(
            None, op, f"Could not read from TensorArray index {i} because it has not yet been written to."
        )
    return flow[i]


class TensorArrayGatherV3(ListOp):
    """The elements at places `indices`, stacked along a new first axis."""

    inputs = {"flow_in": "variant", "indices": "int32"}

    def infer(op, flow_in, indices):
        return [(TensorShape(indices.shape.sizes).concatenate(op.attrs["element_shape"]), op.attrs["dtype"])]

    def numpy(op, flow_in, indices):
        dtype = op.attrs["dtype"].as_numpy_dtype
        if indices.size == 0:
            return [np.zeros((0, *[d or 0 for d in op.attrs["element_shape"].sizes or ()]), dtype)]
        parts = [_written(op, flow_in, int(i)) for i in indices]
        shape = parts[0].shape
        for i, part in zip(indices, parts, strict=True):
            if part.shape != shape:
                raise errors.InvalidArgumentError(
                    None, op, f"TensorArray has inconsistent shapes. Index 0 has shape: {list(shape)} but index "
                    f"{int(i)} has shape: {list(part.shape)}"
                )  # fmt: skip
        return [np.stack(parts)]

    def write(op, nodes):
        _write_read(op, nodes, "TensorListGather")

    def gradient(op, dy):
        flow, indices = op.inputs
        return [ListScatter.apply(flow, indices, dy), None]


class TensorArrayScatterV3(ListOp):
    """The list with the rows of `value` at places `indices`."""

    inputs = {"flow_in": "variant", "indices": "int32", "value": "T"}
    types = {"T": ()}

    def infer(op, flow_in, indices, value):
        return [FLOW]

    def numpy(op, flow_in, indices, value):
        size = max([len(flow_in), *(int(i) + 1 for i in indices)])
        if size > len(flow_in) and not op.attrs.get("dynamic_size"):
            raise errors.InvalidArgumentError(
                None, op, f"Max scatter index must be < array size ({size - 1} vs. {len(flow_in)})"
            )
        items = list(flow_in) + [None] * (size - len(flow_in))
        for i, row in zip(indices, value, strict=True):
            items[int(i)] = np.array(row)
        return [tuple(items)]

    def write(op, nodes):
        flow, indices, value = op.inputs
        kind = "TensorListScatterIntoExistingList"
        nodes.replace(op, kind, [flow, value, indices], element_dtype=value.dtype)

    def gradient(op, dflow):
        _, indices, value = op.inputs
        return [None, None, ListRowsLike.apply(dflow, indices, value)]


class TensorArraySizeV3(ListOp):
    """The number of places."""

    inputs = {"flow_in": "variant"}

    def infer(op, flow_in):
        return [(TensorShape([]), dtypes.int32)]

    def numpy(op, flow_in):
        return [np.array(len(flow_in), np.int32)]

    def write(op, nodes):
        nodes.replace(op, "TensorListLength", op.inputs)

    gradient = None


class TensorArrayConcatV3(ListOp):
    """The elements joined along their first axis, and the length of each."""

    inputs = {"flow_in": "variant"}

    def infer(op, flow_in):
        element = op.attrs["element_shape"]
        rest = TensorShape(None) if element.ndims is None else TensorShape([None, *element.sizes[1:]])
        return [(rest, op.attrs["dtype"]), (TensorShape([None]), dtypes.int64)]

    def numpy(op, flow_in):
        parts = [_written(op, flow_in, i) for i in range(len(flow_in))]
        if not parts:
            rest = [d or 0 for d in (op.attrs["element_shape"].sizes or [0])[1:]]
            return [np.zeros((0, *rest), op.attrs["dtype"].as_numpy_dtype), np.zeros(0, np.int64)]
        return [np.concatenate(parts), np.array([len(p) for p in parts], np.int64)]

    def write(op, nodes):
        rest = op.attrs["element_shape"].sizes
        shape = nodes.shape(op, "element_shape", None if rest is None else [None, *rest[1:]])
        lengths = nodes.constant(op, "leading_dims", np.zeros(0, np.int64))
        kinds = {"element_dtype": op.attrs["dtype"], "shape_type": dtypes.int32}
        nodes.replace(op, "TensorListConcatV2", [*op.inputs, shape, lengths], **kinds)

    def gradient(op, dy, _):
        return [TensorArraySplitV3.apply(op.inputs[0], dy, op.outputs[1])]


class TensorArraySplitV3(ListOp):
    """A list of the pieces of `value`, cut along its first axis into `lengths`."""

    inputs = {"flow_in": "variant", "value": "T", "lengths": "int64"}
    types = {"T": ()}

    def infer(op, flow_in, value, lengths):
        return [FLOW]

    def numpy(op, flow_in, value, lengths):
        if lengths.sum() != len(value):
            raise errors.InvalidArgumentError(
                None, op, f"Expected sum of lengths to be equal to values.shape[0], but sum of lengths is "
                f"{lengths.sum()} and value's shape is: {list(value.shape)}"
            )  # fmt: skip
        return [tuple(np.array(p) for p in np.split(value, np.cumsum(lengths)[:-1]))]

    def write(op, nodes):
        _, value, lengths = op.inputs
        shape = nodes.shape(op, "element_shape", None)
        kinds = {"element_dtype": value.dtype, "shape_type": dtypes.int32}
        nodes.replace(op, "TensorListSplit", [value, shape, lengths], **kinds)

    def gradient(op, dflow):
        return [None, ListConcatLike.apply(dflow, op.inputs[1], op.inputs[2]), None]


class TensorArray:
    """tf.TensorArray: `write` and `unstack` return a new TensorArray, to be used from then on.

    `size` is the number of elements (grows with `dynamic_size`); `element_shape`, where given, is the
    shape that every element must have (with `infer_shape`, the first write tells it).
    """

    def __init__(self, dtype, size=None, dynamic_size=None, clear_after_read=None, tensor_array_name=None,
                 handle=None, flow=None, infer_shape=True, element_shape=None,
                 colocate_with_first_write_call=True, name=None):  # fmt: skip
        if flow is None and size is None:
            raise ValueError("Size must be provided if handle is not provided")
        self._dtype = dtypes.as_dtype(dtype).base_dtype
        self._dynamic, self._infer_shape = bool(dynamic_size), infer_shape or element_shape is not None
        self._element_shapes = [TensorShape(element_shape)]  # one list for all that descend from this array
        self._size = size
        if flow is None:
            with name_scope(name, "TensorArray", [size]) as scope:
                flow = TensorArrayV3.apply(size, dtype=self._dtype, name=scope)
        self._flow = flow

    def _with_flow(self, flow):
        made = object.__new__(TensorArray)
        made.__dict__.update(self.__dict__, _flow=flow)
        return made

    @property
    def flow(self):
        return self._flow

    @property
    def handle(self):
        return self._flow

    @property
    def dtype(self):
        return self._dtype

    @property
    def element_shape(self):
        return self._element_shapes[0]

    @property
    def _element_shape(self):
        return self._element_shapes[0]

    @property
    def dynamic_size(self):
        return self._dynamic

    def _learn_shape(self, shape):
        if self._infer_shape:
            if not self._element_shape.is_compatible_with(shape):
                raise ValueError(f"Inconsistent shapes: saw {shape} but expected {self._element_shape}")
            self._element_shapes[0] = self._element_shape.merge_with(shape)

    def _typed(self, value):
        from minitf.ops.constant import convert_to_tensor

        tensor = convert_to_tensor(value, name="value", preferred_dtype=self._dtype)
        if tensor.dtype.base_dtype is not self._dtype:
            raise TypeError(
                f"A TensorArray of {self._dtype.name} can't take {tensor.name} of {tensor.dtype.name}"
            )
        return tensor

    def write(self, index, value, name=None):
        """The array with `value` at `index`."""
        value = self._typed(value)
        self._learn_shape(value.shape)
        flow = TensorArrayWriteV3.apply(self._flow, index, value, dynamic_size=self._dynamic, name=name)
        return self._with_flow(flow)

    def read(self, index, name=None):
        """The element at `index`."""
        return TensorArrayReadV3.apply(
            self._flow, index, dtype=self._dtype, element_shape=self._element_shape, name=name
        )

    def gather(self, indices, name=None):
        """The elements at `indices`, stacked."""
        return TensorArrayGatherV3.apply(
            self._flow, indices, dtype=self._dtype, element_shape=self._element_shape, name=name
        )

    def stack(self, name=None):
        """All elements, stacked along a new first axis."""
        from minitf.ops.ranges import range as range_of

        with name_scope(name, "TensorArrayStack"):
            out = self.gather(range_of(0, self.size()))
        known = None if self._size is None or self._dynamic else _known(self._size)
        if known is not None:
            out.set_shape(TensorShape([known]).concatenate(self._element_shape))
        return out

    def unstack(self, value, name=None):
        """The array whose elements are the rows of `value`."""
        from minitf.ops.array import shape_of
        from minitf.ops.ranges import range as range_of

        with name_scope(name, "TensorArrayUnstack", [value]):
            value = self._typed(value)
            return self.scatter(range_of(0, shape_of(value)[0]), value)

    def scatter(self, indices, value, name=None):
        """The array with the rows of `value` at `indices`."""
        value = self._typed(value)
        self._learn_shape(value.shape[1:])
        flow = TensorArrayScatterV3.apply(self._flow, indices, value, dynamic_size=self._dynamic, name=name)
        return self._with_flow(flow)

    def concat(self, name=None):
        """All elements, joined along their first axis."""
        return TensorArrayConcatV3.apply(
            self._flow, dtype=self._dtype, element_shape=self._element_shape, name=name
        )[0]

    def split(self, value, lengths, name=None):
        """The array whose elements are pieces of `value` of the given `lengths`."""
        from minitf.ops.casting import cast
        from minitf.ops.constant import convert_to_tensor

        lengths = cast(convert_to_tensor(lengths), dtypes.int64)
        return self._with_flow(TensorArraySplitV3.apply(self._flow, self._typed(value), lengths, name=name))

    def size(self, name=None):
        """The number of elements, an int32 scalar."""
        return TensorArraySizeV3.apply(self._flow, name=name)

    def identity(self):
        from minitf.ops.array import identity

        return self._with_flow(identity(self._flow))

    def grad(self, source, flow=None, name=None):
        raise NotImplementedError("Use tf.gradients: a TensorArray's gradient is a value like any other.")

    def close(self, name=None):
        from minitf.ops.control_flow import no_op

        return no_op(name=name)


def _known(size):
    from minitf.ops.constant import convert_to_tensor

    value = constant_value(convert_to_tensor(size)) if not isinstance(size, (int, np.integer)) else size
    return None if value is None else int(value)
