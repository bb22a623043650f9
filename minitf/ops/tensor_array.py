"""`TensorArray`: a list of tensors that a loop writes and reads, one element a turn.

The list itself is a value (see `lists.py`): writing makes a new list.  So a TensorArray is a loop variable like any
other.
"""

import numpy as np

from minitf.graph import dtypes
from minitf.graph.graph import name_scope
from minitf.graph.shape import TensorShape
from minitf.ops.lists import (
    TensorArrayConcatV3,
    TensorArrayGatherV3,
    TensorArrayReadV3,
    TensorArrayScatterV3,
    TensorArraySizeV3,
    TensorArraySplitV3,
    TensorArrayV3,
    TensorArrayWriteV3,
)
from minitf.ops.op import constant_value


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
        """The array with `value` at `index`, where nothing was written yet."""
        value = self._typed(value)
        self._learn_shape(value.shape)
        kept = {"dynamic_size": self._dynamic, "_once": True}
        flow = TensorArrayWriteV3.apply(self._flow, index, value, name=name, **kept)
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
