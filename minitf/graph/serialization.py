"""An operation as TensorFlow's `NodeDef` message, arrays as `TensorProto`, and back."""

import math

import numpy as np

from minitf.graph import dtypes
from minitf.graph.dtypes import DType, as_dtype
from minitf.graph.messages import NameAttrList, NodeDef, TensorProto, TensorShapeProto
from minitf.graph.shape import TensorShape

_TYPED_LISTS = {
    "float32": "float_val", "float64": "double_val", "string": "string_val", "int64": "int64_val",
    "bool": "bool_val", "uint32": "uint32_val", "uint64": "uint64_val", "complex64": "scomplex_val",
    "complex128": "dcomplex_val", "float16": "half_val", "bfloat16": "half_val",
}  # fmt: skip


def make_shape_proto(shape):
    """A `TensorShapeProto`: -1 for sizes not known."""
    shape = TensorShape(shape)
    proto = TensorShapeProto(unknown_rank=shape.ndims is None)
    for size in shape.sizes or ():
        proto.dim.add(size=-1 if size is None else size)
    return proto


def parse_shape_proto(proto):
    if proto.unknown_rank:
        return TensorShape(None)
    sizes = [d.size for d in proto.dim]
    if min(sizes, default=0) < -1:
        raise ValueError(f"A shape can't have the sizes {sizes[:8]}")
    return TensorShape([None if size < 0 else size for size in sizes])


def make_tensor_proto(values, dtype=None, shape=None, verify_shape=False):
    """tf.make_tensor_proto: an array as a message.  Raises ValueError where `shape` does not fit."""
    if dtype is not None and as_dtype(dtype).name != "string":
        values = np.asarray(values, as_dtype(dtype).as_numpy_dtype)
    array = np.asarray(values)
    if dtype is None and array.dtype == np.float64 and not isinstance(values, (np.ndarray, np.generic)):
        array = array.astype(np.float32)
    if dtype is None and array.dtype == np.int64 and not isinstance(values, (np.ndarray, np.generic)):
        array = array.astype(np.int32)
    if shape is not None:
        array = array.reshape(shape)
    dtype = (
        as_dtype(dtype)
        if dtype is not None
        else dtypes.string
        if array.dtype == object
        else as_dtype(array.dtype)
    )
    proto = TensorProto(dtype=dtype.base_dtype.as_datatype_enum, tensor_shape=make_shape_proto(array.shape))
    if dtype.base_dtype is dtypes.string:
        proto.string_val.extend(
            v if isinstance(v, bytes) else str(v).encode() for v in array.reshape(-1).tolist()
        )
    elif array.size > 1 and not _all_equal(array.reshape(-1)):
        proto.tensor_content = np.ascontiguousarray(array).tobytes()
    else:
        _fill_list(proto, dtype.base_dtype.name, array.reshape(-1)[:1])  # readers repeat the last value
    return proto


def _all_equal(flat):
    return bool((flat.view(np.uint8).reshape(len(flat), -1) == flat[:1].view(np.uint8)).all())


def _fill_list(proto, name, flat):
    target = getattr(proto, _TYPED_LISTS.get(name, "int_val"))
    if name in ("float16", "bfloat16"):
        flat = flat.view(np.uint16)
    elif name.startswith("complex"):
        flat = flat.view(np.float32 if name == "complex64" else np.float64)
    target.extend(flat.tolist())


def make_ndarray(proto):
    """tf.make_ndarray: the array of a `TensorProto`.  A short list of values repeats its last one.

    Raises ValueError where the content does not fit the shape.
    """
    dtype = as_dtype(proto.dtype)
    sizes = tuple(d.size for d in proto.tensor_shape.dim)
    count = math.prod(sizes)
    if min(sizes, default=0) < 0 or count * dtype.size >= 1 << 40:
        raise ValueError(f"A tensor can't have the shape {sizes[:8]}")
    if proto.tensor_content:
        return np.frombuffer(proto.tensor_content, dtype.as_numpy_dtype).copy().reshape(sizes)
    values = list(getattr(proto, _TYPED_LISTS.get(dtype.name, "int_val")))
    if dtype is dtypes.string:
        flat = np.empty(len(values), object)
        flat[:] = values
    elif dtype.name in ("float16", "bfloat16"):
        flat = np.array(values, np.uint16).view(dtype.as_numpy_dtype)
    elif dtype.is_complex:
        flat = np.array(values, dtype.real_dtype.as_numpy_dtype).view(dtype.as_numpy_dtype)
    else:
        flat = np.array(values, dtype.as_numpy_dtype)
    if len(flat) > count:
        raise ValueError(f"A tensor of shape {sizes} can't hold {len(flat)} values")
    if len(flat) < count:
        if not len(flat):
            flat = np.zeros(1, flat.dtype) if dtype is not dtypes.string else np.array([b""], object)
        flat = np.concatenate([flat, np.full(count - len(flat), flat[-1], flat.dtype)])
    return flat.reshape(sizes)


def set_attr(proto, value):
    """Put a Python value into an `AttrValue`.  Returns False where TensorFlow has no form for it."""
    if isinstance(value, (list, tuple)):
        return _set_list(proto.list, proto, value)
    for kinds, field, convert in _KINDS:
        if isinstance(value, kinds):
            value = convert(value)
            if field in ("shape", "tensor", "func"):
                getattr(proto, field).CopyFrom(value)
            else:
                setattr(proto, field, value)
            return True
    return False


def _set_list(target, proto, values):
    if not values:
        proto.list.SetInParent()
    for value in values:
        found = next(((field, convert) for kinds, field, convert in _KINDS if isinstance(value, kinds)), None)
        if found is None:
            return False
        getattr(target, found[0]).append(found[1](value))
    return True


class FunctionName(str):
    """The value of an attribute that names a function of the graph's library."""


_KINDS = [
    (FunctionName, "func", lambda name: NameAttrList(name=name)),
    ((bool, np.bool_), "b", bool),
    ((int, np.integer), "i", int),
    ((float, np.floating), "f", float),
    (str, "s", str.encode),
    (bytes, "s", bytes),
    (DType, "type", lambda d: d.base_dtype.as_datatype_enum),
    (TensorShape, "shape", make_shape_proto),
    (np.ndarray, "tensor", make_tensor_proto),
]


def get_attr(proto):
    """The Python value of an `AttrValue`; None for kinds that minitf has no use for."""
    kind = proto.WhichOneof("value")
    if kind == "list":
        names = ("s", "i", "f", "b", "type", "shape", "tensor")
        field = next((n for n in names if len(getattr(proto.list, n))), None)
        return [] if field is None else [_from_proto(field, v) for v in getattr(proto.list, field)]
    return None if kind is None else _from_proto(kind, getattr(proto, kind))


def _from_proto(kind, value):
    if kind == "s":
        return value.decode("utf-8", "surrogateescape")
    convert = {"type": as_dtype, "shape": parse_shape_proto, "tensor": make_ndarray}.get(kind)
    return value if convert is None else convert(value)


def node_def(op):
    """The `NodeDef` of an operation: name, type, inputs (`name:1`, `^control`), device, attributes."""
    return fill_node(NodeDef(), op)


def fill_node(node, op, with_shapes=False):
    """Make the `NodeDef` that of `op`; returns it."""
    node.name, node.op, node.device = op.name, op.type, op.device or ""
    for tensor in op.inputs:
        node.input.append(tensor.op.name + (f":{tensor.value_index}" if tensor.value_index else ""))
    node.input.extend(f"^{c.name}" for c in op.control_inputs)
    for name, value in _attributes(op).items():
        if value is not None and not set_attr(node.attr[name], value):
            del node.attr[name]
    if with_shapes:
        node.attr["_output_shapes"].list.shape.extend(make_shape_proto(t.shape) for t in op.outputs)
    return node


def _attributes(op):
    kept = {name: value for name, value in op.attrs.items() if not name.startswith("_")}
    if "_gradient_op_type" in op.attrs:
        kept["_gradient_op_type"] = op.attrs["_gradient_op_type"]
    if op.colocated_with is not None and op.colocated_with.context is None:
        kept["_class"] = list(op.colocation_groups())
    labels = op.definition.inputs
    stars = [i for i, label in enumerate(labels) if label.startswith("*")]
    if stars and op.definition.type_list:
        rest = len(labels) - 1
        kept[op.definition.type_list] = [t.dtype for t in op.inputs[stars[0] : len(op.inputs) - rest + stars[0]]]
    elif stars and "N" not in kept and list(labels.values())[stars[0]] != "any":
        kept["N"] = (len(op.inputs) - (len(labels) - len(stars))) // len(stars)
    return kept
