"""The operations behind `TensorArray`: lists of tensors, as values.

A list is a *variant* tensor, called the flow; writing makes a new list.  Its gradient is a list of gradients.
"""

import numpy as np

from minitf import errors
from minitf.graph import dtypes
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
from minitf.ops.rows import Rows, in_order


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
    """The list with `value` at place `index`, where a TensorArray (`_once`) has none."""

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
        if op.attrs.get("_once") and flow_in[i] is not None:
            raise errors.InvalidArgumentError(
                None, op, f"Could not write to TensorArray index {i} because it has already been written to."
            )
        return [(*flow_in[:i], _element(value), *flow_in[i + 1 :])]

    def write(op, nodes):
        nodes.replace(
            op, "TensorListSetItem", op.inputs, element_dtype=op.inputs[2].dtype,
            resize_if_index_out_of_bounds=bool(op.attrs.get("dynamic_size")),
        )  # fmt: skip

    def gradient(op, dflow):
        _, index, value = op.inputs
        item = ListItemLike.apply(dflow, index, value)  # before it is dropped: then a loop may drop it in place
        return [ListDrop.apply(dflow, index, value), None, item]


def _element(value):
    """What a list keeps: a list as it is, an array as a copy."""
    return value if isinstance(value, tuple) else np.array(value)


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


def _zeros(op, flow, i):
    """What a missing element of TensorFlow 2's lists is, in the shape that is told, or that of the other elements."""
    shape = op.attrs["element_shape"]
    sizes = shape.sizes if shape.is_fully_defined() else next((np.shape(v) for v in flow if v is not None), None)
    if sizes is None:
        raise errors.InvalidArgumentError(
            None, op, f"Trying to read an uninitialized tensor (index {i}) but the element shape is not known"
        )
    return np.zeros(sizes, op.attrs["dtype"].as_numpy_dtype)


def _written(op, flow, i):
    if not 0 <= i < len(flow):
        raise errors.InvalidArgumentError(
            None, op, f"Tried to read from index {i} but array size is: {len(flow)}"
        )
    if flow[i] is None and op.attrs.get("_zeros"):
        return _zeros(op, flow, i)
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
        if isinstance(flow_in, Rows) and flow_in.whole() and in_order(indices, len(flow_in)):
            return [flow_in.block.copy()]
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
        if size and in_order(indices, size) and len(value) == size:
            return [Rows(np.array(value))]
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
