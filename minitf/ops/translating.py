"""What TensorFlow's later graphs write in other operations than minitf has, said in those it has.

A resource variable becomes a variable, a TensorList the list that a TensorArray is.  Each entry of `TRANSLATIONS`
is a function of (graph, name with a slash, inputs, attributes) that returns (outputs, operations).
"""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.ops import ranges
from minitf.ops.adding import add_operation
from minitf.ops.array import shape_of
from minitf.ops.constant import constant
from minitf.ops.control_flow import no_op
from minitf.ops.joining import stack
from minitf.ops.op import constant_value, registry
from minitf.ops.trust import malformed


def _add(graph, kind, name, inputs, attrs):
    op = add_operation(graph, registry[kind], name, inputs, attrs)
    return op.outputs, [op]


def _as(kind, *kept):
    """The same operation under another name; of its attributes those in `kept` stay."""

    def translate(graph, name, inputs, attrs):
        return _add(graph, kind, name, inputs, {k: attrs[k] for k in kept if k in attrs})

    return translate


def _variable(graph, name, inputs, attrs):
    kept = {"shape": attrs["shape"], "dtype": attrs["dtype"], "container": "", "shared_name": ""}
    return _add(graph, "VariableV2", name, inputs, kept)


def _gather(graph, name, inputs, attrs):
    with graph.name_scope(name):
        axis = constant(0, name="axis")
    return _add(graph, "GatherV2", name, [*inputs, axis], {"batch_dims": attrs.get("batch_dims", 0)})


# -- lists -------------------------------------------------------------------------------------------------


def _shape_of_elements(tensor):
    value = constant_value(tensor)
    if value is None or value.ndim == 0:
        return TensorShape(None)
    return TensorShape([None if d < 0 else int(d) for d in value])


def _empty(graph, name, inputs, attrs):
    with graph.name_scope(name):
        size = constant(0, name="size")
    return _add(graph, "TensorArrayV3", name, [size], {"dtype": attrs["element_dtype"]})


def _push(graph, name, inputs, attrs):
    with graph.name_scope(name):
        (size,), _ = _add(graph, "TensorArraySizeV3", graph.unique_name("Size") + "/", inputs[:1], {})
    return _add(graph, "TensorArrayWriteV3", name, [inputs[0], size, inputs[1]], {"dynamic_size": True})


def _pop(graph, name, inputs, attrs):
    with graph.name_scope(name):
        (size,), _ = _add(graph, "TensorArraySizeV3", graph.unique_name("Size") + "/", inputs[:1], {})
        last = size - 1
        items, _ = _get_item(graph, graph.unique_name("Item") + "/", [inputs[0], last, inputs[1]], attrs)
    rest, _ = _add(graph, "ListShorten", name, [inputs[0]], {})
    return [*rest, *items], [items[0].op]


def _set_item(graph, name, inputs, attrs):
    kept = {"dynamic_size": attrs.get("resize_if_index_out_of_bounds", False)}
    return _add(graph, "TensorArrayWriteV3", name, inputs, kept)


def _scatter_into(graph, name, inputs, attrs):
    items, rows, indices = inputs
    return _add(graph, "TensorArrayScatterV3", name, [items, indices, rows], {"dynamic_size": True})


def _gather_items(graph, name, inputs, attrs):
    items, indices, shape = inputs
    like = _rows_with_shape(shape)
    if like is not None:
        return _add(graph, "ListRowsLike", name, [items, indices, like], {})
    kept = {"_zeros": True, "dtype": attrs["element_dtype"], "element_shape": _shape_of_elements(shape)}
    return _add(graph, "TensorArrayGatherV3", name, [items, indices], kept)


def _concat(graph, name, inputs, attrs):
    kept = {"_zeros": True, "dtype": attrs["element_dtype"], "element_shape": _shape_of_elements(inputs[1])}
    return _add(graph, "TensorArrayConcatV3", name, inputs[:1], kept)


def _split(graph, name, inputs, attrs):
    value, _, lengths = inputs
    (empty,), _ = _empty(graph, graph.unique_name(f"{name}List") + "/", [], attrs)
    return _add(graph, "TensorArraySplitV3", name, [empty, value, lengths], {})


def _with_shape(shape):
    """The tensor whose shape is asked for as it is computed: elements that are missing are zeros in that shape."""
    return shape.op.inputs[0] if shape.op.type == "Shape" else None


def _rows_with_shape(shape):
    """The tensor the shape of whose rows is `shape`: `tf.shape(it)[1:]`."""
    op = shape.op
    if op.type != "StridedSlice" or op.attrs.get("end_mask") != 1 or op.attrs.get("shrink_axis_mask"):
        return None
    first = constant_value(op.inputs[1])
    return _with_shape(op.inputs[0]) if first is not None and first.tolist() == [1] else None


def _reserve(graph, name, inputs, attrs):
    shape = _shape_of_elements(inputs[0])
    return _add(graph, "TensorArrayV3", name, inputs[1:], {"dtype": attrs["element_dtype"], "element_shape": shape})


def _from_tensor(graph, name, inputs, attrs):
    with graph.name_scope(name):
        size = shape_of(inputs[0])[0]
        (empty,), _ = _add(graph, "TensorArrayV3", graph.unique_name("List") + "/", [size], {
            "dtype": attrs["element_dtype"], "element_shape": _shape_of_elements(inputs[1])
        })  # fmt: skip
        indices = ranges.range(size)
    return _add(graph, "TensorArrayScatterV3", name, [empty, indices, inputs[0]], {})


def _stack(graph, name, inputs, attrs):
    with graph.name_scope(name):
        (size,), _ = _add(graph, "TensorArraySizeV3", graph.unique_name("Size") + "/", inputs[:1], {})
        indices = ranges.range(size)
    kept = {"_zeros": True, "dtype": attrs["element_dtype"], "element_shape": _shape_of_elements(inputs[1])}
    return _add(graph, "TensorArrayGatherV3", name, [inputs[0], indices], kept)


def _get_item(graph, name, inputs, attrs):
    like = _with_shape(inputs[2])
    if like is not None:
        return _add(graph, "ListItemLike", name, [*inputs[:2], like], {})
    kept = {"_zeros": True, "dtype": attrs["element_dtype"], "element_shape": _shape_of_elements(inputs[2])}
    return _add(graph, "TensorArrayReadV3", name, inputs[:2], kept)


def _unless_list(kind, of_lists):
    """The operation itself, and `of_lists` where it is given lists."""

    def translate(graph, name, inputs, attrs):
        if inputs and inputs[0].dtype.base_dtype is dtypes.variant:
            for other in inputs[2:]:
                inner = graph.unique_name(f"{name}Sum") + "/"
                inputs = [*_add(graph, of_lists, inner, inputs[:2], {})[0], other]
            return _add(graph, of_lists, name, inputs[:2], {})
        return _add(graph, kind, name, inputs, attrs)

    return translate


def _optional(graph, name, inputs, attrs):
    """A value that may be missing is a list of its parts: the gradients of `cond` keep such values."""
    with graph.name_scope(name):
        size = constant(len(inputs), dtypes.int32, name="size")
        kept = {"dtype": dtypes.float32, "element_shape": TensorShape(None)}
        made, ops = _add(graph, "TensorArrayV3", name, [size], kept)
        for i, value in enumerate(inputs):
            index = constant(i, dtypes.int32, name="index")
            made, ops = _add(graph, "TensorArrayWriteV3", graph.unique_name("Value") + "/", [made[0], index, value], {})
    return made, ops


def _optional_value(graph, name, inputs, attrs):
    made, types = [], zip(attrs["output_types"], attrs["output_shapes"], strict=True)
    with graph.name_scope(name):
        for i, (dtype, shape) in enumerate(types):
            index = constant(i, dtypes.int32, name="index")
            kept = {"dtype": dtype, "element_shape": shape}
            made += _add(graph, "TensorArrayReadV3", graph.unique_name("Value") + "/", [inputs[0], index], kept)[0]
    return made, [t.op for t in made]


def _has_value(graph, name, inputs, attrs):
    with graph.name_scope(name):
        (size,), _ = _add(graph, "TensorArraySizeV3", graph.unique_name("Size") + "/", inputs, {})
        zero = constant(0, name="zero")
    return _add(graph, "Greater", name, [size, zero], {})


def _element_shape(graph, name, inputs, attrs):
    """Of lists here, nothing is known before their elements."""
    made = constant(-1, attrs["shape_type"], name=name)
    return [made], [made.op]


def _parse_example(graph, name, inputs, attrs):
    """The keys, which are inputs of their own in older graphs, become vectors."""
    sparse, dense = attrs.get("Nsparse", 0), attrs.get("Ndense", 0)
    if not 0 <= sparse + dense <= len(inputs) - 2:
        malformed(f"Node '{name[:-1]}': its keys are missing")
    keys, defaults = inputs[2 : 2 + sparse + dense], inputs[2 + sparse + dense :]
    with graph.name_scope(name):
        vectors = [
            stack(k) if k else constant(np.zeros(0, object), dtypes.string) for k in (keys[:sparse], keys[sparse:], [])
        ]
    kept = {k: attrs[k] for k in ("sparse_types", "Tdense", "dense_shapes")}
    return _add(graph, "ParseExampleV2", name, [*inputs[:2], *vectors, *defaults], kept)


def _nothing(graph, name, inputs, attrs):
    made = no_op(name=name)
    return [], [made]


TRANSLATIONS = {
    "ParseExample": _parse_example, "DisableCopyOnRead": _nothing,
    "VarHandleOp": _variable, "ReadVariableOp": _as("Identity"), "VarIsInitializedOp": _as("IsVariableInitialized"),
    "AssignVariableOp": _as("Assign"), "AssignAddVariableOp": _as("AssignAdd"),
    "AssignSubVariableOp": _as("AssignSub"), "VariableShape": _as("Shape", "out_type"), "ResourceGather": _gather,
    "ResourceScatterAdd": _as("ScatterAdd"), "ResourceScatterSub": _as("ScatterSub"),
    "ResourceScatterUpdate": _as("ScatterUpdate"),
    "TensorListReserve": _reserve, "TensorListFromTensor": _from_tensor, "TensorListStack": _stack,
    "TensorListGetItem": _get_item, "TensorListSetItem": _set_item, "EmptyTensorList": _empty,
    "TensorListPushBack": _push, "TensorListPopBack": _pop, "TensorListGather": _gather_items,
    "TensorListScatterIntoExistingList": _scatter_into, "TensorListConcatV2": _concat, "TensorListSplit": _split,
    "TensorListLength": _as("TensorArraySizeV3"),
    "ZerosLike": _unless_list("ZerosLike", "ListZerosLike"), "AddN": _unless_list("AddN", "ListAdd"),
    "TensorListElementShape": _element_shape, "TensorListResize": _as("ListResize"),
    "OptionalGetValue": _optional_value, "OptionalHasValue": _has_value, "OptionalFromValue": _optional,
    "OptionalNone": _optional,
}  # fmt: skip
