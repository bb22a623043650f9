"""Names of TensorFlow's own modules that programs and tests reach for although no release promised them.

`from tensorflow.python.ops.rnn_cell_impl import _linear`, `test_util.CudaSupportsHalfMatMulAndConv`, ... Each does
what the function of that name did.
"""

import contextlib
import os
import sys

from minitf.autodiff.registry import rule as get_gradient_function
from minitf.graph.dtypes import as_dtype
from minitf.graph.graph import control_dependencies, name_scope
from minitf.graph.messages import DATA_TYPES
from minitf.graph.serialization import make_ndarray as MakeNdarray
from minitf.graph.shape import Dimension, TensorShape, as_shape, unknown_shape
from minitf.layers.layer import InputSpec
from minitf.layers.layer import Layer as _Layer
from minitf.ops.array import identity, shape_of, size
from minitf.ops.casting import cast
from minitf.ops.constant import convert_n_to_tensor, convert_to_tensor
from minitf.ops.control_flow import smart_constant_value
from minitf.ops.filling import fill
from minitf.ops.op import constant_value, constant_value_as_shape
from minitf.ops.partitioning import dynamic_stitch
from minitf.ops.random import DEFAULT_GRAPH_SEED as DEFAULT_GRAPH_SEED
from minitf.ops.ranges import range as range_of
from minitf.ops.variable_scope import get_variable_scope, variable_scope
from minitf.rnn.cell import zero_state_tensor as _zero_state_tensors
from minitf.rnn.dynamic import swap_batch_and_time as _transpose_batch_time
from minitf.rnn.wrappers import linear as _linear
from minitf.runtime.session import BaseSession
from minitf.training.moving_averages import assign_moving_average

__all__ = [
    "BaseSession", "DEFAULT_GRAPH_SEED", "InputSpec", "MakeNdarray", "TensorShape", "as_shape",
    "assign_moving_average", "constant_value", "constant_value_as_shape", "convert_n_to_tensor",
    "get_gradient_function", "smart_constant_value", "unknown_shape",
    "_Layer", "_linear", "_transpose_batch_time", "_zero_state_tensors",
]  # fmt: skip


# -- tensorflow.python.framework.tensor_shape


def as_dimension(value):
    """`value` as a `Dimension`."""
    return value if isinstance(value, Dimension) else Dimension(value)


def scalar():
    """The shape of a single number."""
    return TensorShape([])


def vector(length):
    """The shape of a row of numbers."""
    return TensorShape([length])


def matrix(rows, columns):
    """The shape of a matrix."""
    return TensorShape([rows, columns])


# -- tensorflow.python.framework.test_util


def CudaSupportsHalfMatMulAndConv():
    """Whether a GPU multiplies matrices of float16: minitf's tests of halves run on the CPU."""
    return False


GpuSupportsHalfMatMulAndConv = IsMklEnabled = CudaSupportsHalfMatMulAndConv


# -- tensorflow.python.ops


def reduced_shape(input_shape, axes):
    """The shape of a reduction with `keep_dims=True`, from an int32 vector and a tensor of axes."""
    input_shape = cast(convert_to_tensor(input_shape), "int32")
    axes = cast(convert_to_tensor(axes), "int32")
    rank = size(input_shape)
    axes = (axes + rank) % rank
    return dynamic_stitch([range_of(rank), axes], [input_shape, fill(shape_of(axes), 1)])


def with_dependencies(dependencies, output_tensor, name=None):
    """`output_tensor`, after all of `dependencies`."""
    opened = name_scope(name, "control_dependency", [*dependencies, output_tensor])
    with opened as scope, control_dependencies(dependencies):
        return identity(output_tensor, name=scope)


class _Linear:
    """`_linear` with variables that are made once: `_Linear([x, h], 10, True)([x, h])`."""

    def __init__(self, args, output_size, build_bias, bias_initializer=None, kernel_initializer=None):
        self._settings = output_size, build_bias, bias_initializer, kernel_initializer
        self._made = False

    def __call__(self, args):
        with variable_scope(get_variable_scope(), reuse=True if self._made else None):
            self._made = True
            return _linear(args, *self._settings)


# -- tensorflow.python.training.device_setter, tensorflow.python.platform


def get_data_files_path():
    """The folder of the program that runs."""
    main = sys.modules["__main__"]
    return os.path.dirname(os.path.abspath(getattr(main, "__file__", "")))


def get_path_to_datafile(path):
    """A file beside the program that runs."""
    return os.path.join(get_data_files_path(), path)


def load_resource(path):
    """The bytes of a file beside the program that runs."""
    with open(get_path_to_datafile(path), "rb") as file:
        return file.read()


# -- tensorflow.core.framework.types_pb2


def __getattr__(name):
    """`DT_FLOAT`, `DT_INT32_REF`, ...: the numbers of dtypes in messages."""
    if name in DATA_TYPES:
        return DATA_TYPES[name]
    if name.endswith("_ref"):  # of tensorflow.python.framework.dtypes
        with contextlib.suppress(TypeError):
            return as_dtype(name)
    raise AttributeError(f"module {__name__} has no attribute {name}", name=name)
