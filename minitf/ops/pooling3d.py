"""Pooling of volumes: `pooling.py` with one more dimension."""

from minitf.kernels import pooling as kernels
from minitf.ops.examples import array, distinct, example, normal
from minitf.ops.op import FLOATS
from minitf.ops.pooling import AvgPool, AvgPoolGrad, MaxPool, MaxPoolGrad, MaxPoolGradGrad

_VOLUME = {"data_format": "NDHWC"}
_WINDOW = {"ksize": [1, 2, 2, 2, 1], "strides": [1, 2, 1, 2, 1], "padding": "SAME"}


class MaxPool3D(MaxPool):
    """The largest element under each window of a volume."""

    types = {"T": FLOATS}
    attrs = _VOLUME
    ndims = 5
    kernel = kernels.max_pool
    examples = [example(distinct(1, 3, 3, 4, 2), **_WINDOW)]

    def to_input():
        return MaxPool3DGrad


class MaxPool3DGrad(MaxPoolGrad):
    """The gradient of `MaxPool3D`."""

    types = {"T": FLOATS}
    attrs = _VOLUME
    ndims = 5
    examples = [example(distinct(1, 3, 3, 4, 2), distinct(1, 2, 3, 2, 2), normal(1, 2, 3, 2, 2), **_WINDOW)]

    def again():
        return MaxPool3DGradGrad


class MaxPool3DGradGrad(MaxPoolGradGrad):
    """The gradient of `MaxPool3DGrad` with respect to the gradient it was given."""

    types = {"T": FLOATS}
    attrs = _VOLUME
    ndims = 5
    examples = [example(distinct(1, 3, 3, 4, 2), distinct(1, 2, 3, 2, 2), normal(1, 3, 3, 4, 2), **_WINDOW)]

    def to_input():
        return MaxPool3DGrad


class AvgPool3D(AvgPool):
    """The average of the elements under each window of a volume."""

    inputs = {"input": "T"}
    types = {"T": FLOATS}
    attrs = _VOLUME
    ndims = 5
    kernel = kernels.avg_pool
    examples = [example(normal(1, 3, 3, 4, 2), **_WINDOW)]

    def to_input():
        return AvgPool3DGrad


class AvgPool3DGrad(AvgPoolGrad):
    """The gradient of `AvgPool3D`."""

    attrs = _VOLUME
    ndims = 5
    examples = [example(array([1, 3, 3, 4, 2]), normal(1, 2, 3, 2, 2), **_WINDOW)]

    def forward():
        return AvgPool3D
