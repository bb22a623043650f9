"""Element types of tensors, and their NumPy twins."""

import ml_dtypes
import numpy as np


class DType:
    """The type of the elements of a tensor, such as `tf.float32`.

    A *reference* type (`float32_ref`) is that of a variable's own output: what reads it sees the
    value at the moment of reading.  `base_dtype` is the type without that mark.
    """

    def __init__(self, name, enum, numpy_type, is_ref=False):
        self._name, self._enum, self._is_ref = name, enum, is_ref
        self._numpy = numpy_type
        self.is_numpy_compatible = name.removesuffix("_ref") not in ("resource", "variant")
        self.base_dtype = self
        self._ref = None

    @property
    def name(self):
        return self._name

    @property
    def as_numpy_dtype(self):
        """The NumPy scalar type (`np.float32`); `object` for strings."""
        return self._numpy

    @property
    def as_datatype_enum(self):
        """The number of the type in TensorFlow's file formats (`types.proto`)."""
        return self._enum

    @property
    def real_dtype(self):
        return {"complex64": float32, "complex128": float64}.get(self.base_dtype.name, self.base_dtype)

    @property
    def is_floating(self):
        return self.base_dtype.name in ("float16", "bfloat16", "float32", "float64")

    @property
    def is_complex(self):
        return self.base_dtype.name in ("complex64", "complex128")

    @property
    def is_integer(self):
        return np.issubdtype(self._numpy, np.integer)

    @property
    def is_bool(self):
        return self.base_dtype.name == "bool"

    @property
    def is_unsigned(self):
        return np.issubdtype(self._numpy, np.unsignedinteger)

    @property
    def _is_ref_dtype(self):
        return self._is_ref

    @property
    def _as_ref(self):
        return self if self._is_ref else self._ref

    @property
    def size(self):
        """Bytes of one element."""
        return np.dtype(self._numpy).itemsize

    @property
    def min(self):
        """The lowest number of the type. Raises TypeError where numbers have no order."""
        return self._limits().min

    @property
    def max(self):
        return self._limits().max

    @property
    def limits(self):
        """(lowest, highest) for tests of images: (0, 1) for floats, the type's range for integers."""
        return (0, 1) if self.is_floating else (self.min, self.max)

    def _limits(self):
        if self.is_floating:
            return ml_dtypes.finfo(self._numpy)
        if self.is_integer:
            return np.iinfo(self._numpy)
        raise TypeError(f"Cannot find minimum value of {self!r}.")

    def is_compatible_with(self, other):
        other = as_dtype(other)
        return self is other or self is other.base_dtype

    def __eq__(self, other):
        if isinstance(other, DType):
            return self is other
        try:
            return self is as_dtype(other)
        except TypeError:
            return False

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return self._enum + (100 if self._is_ref else 0)

    def __int__(self):
        return self._enum

    def __reduce__(self):
        return as_dtype, (self._name,)

    def __str__(self):
        return f"<dtype: '{self._name}'>"

    def __repr__(self):
        return f"tf.{self._name}"


_table = [
    ("float32", 1, np.float32), ("float64", 2, np.float64), ("int32", 3, np.int32), ("uint8", 4, np.uint8),
    ("int16", 5, np.int16), ("int8", 6, np.int8), ("string", 7, np.object_), ("complex64", 8, np.complex64),
    ("int64", 9, np.int64), ("bool", 10, np.bool_), ("bfloat16", 14, ml_dtypes.bfloat16),
    ("uint16", 17, np.uint16), ("complex128", 18, np.complex128), ("float16", 19, np.float16),
    ("resource", 20, np.object_), ("variant", 21, np.object_), ("uint32", 22, np.uint32),
    ("uint64", 23, np.uint64),
]  # fmt: skip

_by_name = {}
_by_enum = {}
_by_numpy = {}
for _name, _enum, _numpy in _table:
    _dtype = DType(_name, _enum, _numpy)
    _reference = DType(_name + "_ref", _enum + 100, _numpy, is_ref=True)
    _reference.base_dtype, _dtype._ref = _dtype, _reference
    for _d in (_dtype, _reference):
        _by_name[_d.name] = _by_enum[_d.as_datatype_enum] = _d
    _by_numpy.setdefault(np.dtype(_numpy), _dtype)
_by_name.update(half=_by_name["float16"], float=_by_name["float32"], double=_by_name["float64"])

float16, bfloat16, float32, float64 = (_by_name[n] for n in ("float16", "bfloat16", "float32", "float64"))
int8, int16, int32, int64 = (_by_name[n] for n in ("int8", "int16", "int32", "int64"))
uint8, uint16, uint32, uint64 = (_by_name[n] for n in ("uint8", "uint16", "uint32", "uint64"))
complex64, complex128 = _by_name["complex64"], _by_name["complex128"]
bool, string = _by_name["bool"], _by_name["string"]
resource, variant = _by_name["resource"], _by_name["variant"]
half, double = float16, float64
_python_types = {float: float32, int: int32, complex: complex128, str: string, bytes: string}


def as_dtype(value):
    """The `DType` that `value` means: a DType, its name or number, a NumPy type, or float/int/bool/str.

    Raises TypeError where it means none.
    """
    if isinstance(value, DType):
        return value
    if isinstance(value, str) and value in _by_name:
        return _by_name[value]
    if isinstance(value, int) and value in _by_enum:
        return _by_enum[value]
    if isinstance(value, type) and value in _python_types:
        return _python_types[value]
    try:
        numpy_type = np.dtype(value)
    except TypeError:
        numpy_type = None
    if numpy_type is not None and value is not None:
        if numpy_type.kind in "SU":
            return string
        if numpy_type in _by_numpy:
            return _by_numpy[numpy_type]
    raise TypeError(f"Cannot convert value {value!r} to a TensorFlow DType.")


def all_types():
    """Every DType there is, the reference types among them."""
    return list(_by_enum.values())


_NAMES_IN_MESSAGES = {"float32": "float", "float64": "double", "float16": "half"}


def message_name(dtype):
    """What TensorFlow's kernels call a dtype in their messages: float32 is "float" there."""
    return _NAMES_IN_MESSAGES.get(dtype.name, dtype.name)
