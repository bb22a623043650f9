"""What TensorFlow's later graphs write in other operations than minitf has, said in those it has.

A resource variable becomes a variable, a TensorList the list that a TensorArray is.  Each entry of `TRANSLATIONS`
is a function of (graph, name with a slash, inputs, attributes) that returns (outputs, operations).
"""

from minitf.graph import dtypes
from minitf.graph.shape import TensorShape
from minitf.ops import ranges
from minitf.ops.adding import add_operation
from minitf.ops.array import shape_of
from minitf.ops.constant import constant
from minitf.ops.op import constant_value, registry


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
    kept = {"dtype": attrs["element_dtype"], "element_shape": _shape_of_elements(inputs[1])}
    return _add(graph, "TensorArrayGatherV3", name, [inputs[0], indices], kept)


def _get_item(graph, name, inputs, attrs):
    kept = {"dtype": attrs["element_dtype"], "element_shape": _shape_of_elements(inputs[2])}
    return _add(graph, "TensorArrayReadV3", name, inputs[:2], kept)


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


TRANSLATIONS = {
    "VarHandleOp": _variable, "ReadVariableOp": _as("Identity"), "VarIsInitializedOp": _as("IsVariableInitialized"),
    "AssignVariableOp": _as("Assign"), "AssignAddVariableOp": _as("AssignAdd"),
    "AssignSubVariableOp": _as("AssignSub"), "VariableShape": _as("Shape", "out_type"), "ResourceGather": _gather,
    "ResourceScatterAdd": _as("ScatterAdd"), "ResourceScatterSub": _as("ScatterSub"),
    "ResourceScatterUpdate": _as("ScatterUpdate"),
    "TensorListReserve": _reserve, "TensorListFromTensor": _from_tensor, "TensorListStack": _stack,
    "TensorListGetItem": _get_item, "TensorListSetItem": _as("TensorArrayWriteV3"),
    "TensorListLength": _as("TensorArraySizeV3"),
    "OptionalFromValue": _optional, "OptionalNone": _optional,
}  # fmt: skip
