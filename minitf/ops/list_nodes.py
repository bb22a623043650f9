"""How lists are written to a GraphDef: as TensorFlow 2's, which are values, too.

The functions add a node that helps the node of `op`, under a label, and return how to name its output.
"""

import numpy as np

from minitf.graph import dtypes


def write_empty_list(nodes, op, label, dtype):
    """A list without elements; returns how to name it.  TensorFlow 2's lists are values, as those here are."""
    shape, most = nodes.shape(op, f"{label}_shape", None), nodes.constant(op, f"{label}_most", np.int32(-1))
    made = nodes.node(op, "EmptyTensorList", [shape, most], label, element_dtype=dtype, shape_type=dtypes.int32)
    return made.output()


def write_list(nodes, op, label, size, dtype):
    """A list of `size` places; returns how to name it."""
    shape = nodes.shape(op, f"{label}_shape", None)
    kinds = {"element_dtype": dtype.base_dtype, "shape_type": dtypes.int32}
    return nodes.node(op, "TensorListReserve", [shape, size], label, **kinds).output()


def write_item(nodes, op, label, items, index, shape, dtype):
    """Element `index` of a list, a tensor of this `shape`; returns how to name it."""
    shape = nodes.shape(op, f"{label}_shape", shape)
    return nodes.node(op, "TensorListGetItem", [items, index, shape], label, element_dtype=dtype.base_dtype).output()


def write_size(nodes, op, items):
    return nodes.node(op, "TensorListLength", [items], "size").output()


def write_rows_shape(nodes, op, like):
    """The shape of the rows of `like`."""
    shape = nodes.node(op, "Shape", [like], "shape", T=like.dtype.base_dtype, out_type=dtypes.int32).output()
    ends = [nodes.constant(op, f"shape/{i}", np.array([i], np.int32)) for i in (1, 0)]
    step = nodes.constant(op, "shape/step", np.array([1], np.int32))
    return nodes.node(
        op, "StridedSlice", [shape, *ends, step], "row_shape", T=dtypes.int32, Index=dtypes.int32, begin_mask=0,
        end_mask=1, ellipsis_mask=0, new_axis_mask=0, shrink_axis_mask=0,
    ).output()  # fmt: skip
