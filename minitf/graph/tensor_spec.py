"""`TensorSpec`: what a tensor will be, before there is one."""

from typing import NamedTuple

from minitf.graph import dtypes
from minitf.graph.shape import as_shape


class _Fields(NamedTuple):
    shape: object
    dtype: object
    name: object


class TensorSpec(_Fields):
    """tf.TensorSpec: a shape, a dtype, and perhaps a name."""

    __slots__ = ()

    def __new__(cls, shape, dtype=dtypes.float32, name=None):
        return super().__new__(cls, as_shape(shape), dtypes.as_dtype(dtype), name)

    @staticmethod
    def from_spec(spec, name=None):
        """The same with another name, if one is given."""
        return TensorSpec(spec.shape, spec.dtype, name or spec.name)

    @staticmethod
    def from_tensor(tensor, name=None):
        """What `tensor` is; its own name unless another is given."""
        return TensorSpec(tensor.shape, tensor.dtype, name or tensor.op.name)

    def is_compatible_with(self, other):
        """True for a tensor or a spec of the same dtype whose shape may be this one."""
        return other.dtype.base_dtype is self.dtype.base_dtype and self.shape.is_compatible_with(other.shape)

    def __hash__(self):
        return hash((self.dtype, self.name, str(self.shape)))

    def __repr__(self):
        return f"TensorSpec(shape={self.shape}, dtype={self.dtype!r}, name={self.name!r})"
