"""Shapes and dtypes: what is known, merged, compared, refused."""

import ml_dtypes
import numpy as np
import pytest

import minitf as tf
from minitf.graph import dtypes
from minitf.graph.shape import Dimension, TensorShape, broadcast


def test_forms():
    assert TensorShape(None).ndims is None and str(TensorShape(None)) == "<unknown>"
    assert TensorShape(3).as_list() == [3] and str(TensorShape([3])) == "(3,)"
    assert str(TensorShape([None, 2])) == "(?, 2)"
    assert TensorShape([Dimension(2), None]).as_list() == [2, None]
    for wrong in ([-1], ["a"], [1.5]):
        with pytest.raises((ValueError, TypeError)):
            TensorShape(wrong)
    with pytest.raises(ValueError):
        TensorShape(None).as_list()


def test_merge_and_compatibility():
    partly = TensorShape([None, 3])
    assert partly.merge_with([2, None]).as_list() == [2, 3]
    assert partly.is_compatible_with([5, 3]) and not partly.is_compatible_with([5, 4])
    assert not partly.is_compatible_with([3]) and partly.is_compatible_with(None)
    with pytest.raises(ValueError):
        partly.merge_with([2, 4])
    assert partly.concatenate([1]).as_list() == [None, 3, 1]
    assert partly[1:].as_list() == [3] and partly[1] == 3
    assert partly.num_elements() is None and TensorShape([2, 3]).num_elements() == 6
    assert TensorShape([]).num_elements() == 1


def test_the_most_that_is_true_of_two_shapes():
    shape = TensorShape([2, None, 3])
    assert shape.most_specific_compatible_shape([2, 4, 5]).as_list() == [2, None, None]
    assert shape.most_specific_compatible_shape(shape).as_list() == [2, None, 3]
    assert shape.most_specific_compatible_shape([2, 4]).ndims is None
    assert shape.most_specific_compatible_shape(None).ndims is None


@pytest.mark.parametrize(
    ("a", "b", "out"),
    [([3, 1], [4], [3, 4]), ([None], [5], [5]), ([None], [1], [None]), ([None], [None], [None]), ([0], [1], [0])],
)
def test_broadcast(a, b, out):
    assert broadcast(a, b).as_list() == out == broadcast(b, a).as_list()


def test_broadcast_refuses():
    with pytest.raises(ValueError, match="must be equal"):
        broadcast([2], [3])
    assert broadcast(None, [3]).ndims is None


def test_dimension_arithmetic():
    d, unknown = Dimension(6), Dimension(None)
    assert [d + 1, d - 1, d * 2, d // 4, d % 4] == [7, 5, 12, 1, 2]
    assert (d + unknown).value is None and (d == unknown) is None and (unknown < 3) is None
    assert int(d) == 6 and list(range(d)) == list(range(6))
    with pytest.raises(TypeError):
        int(unknown)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("float32", tf.float32), (np.float64, tf.float64), (float, tf.float32), (int, tf.int32), (bool, tf.bool),
     (str, tf.string), (np.dtype("<U3"), tf.string), (1, tf.float32), (ml_dtypes.bfloat16, tf.bfloat16),
     (np.float16, tf.half), (complex, tf.complex128), (101, tf.float32._as_ref)],
)  # fmt: skip
def test_as_dtype(value, expected):
    assert tf.as_dtype(value) is expected


@pytest.mark.parametrize("value", ["float33", None, 999, [1]])
def test_as_dtype_refuses(value):
    with pytest.raises(TypeError):
        tf.as_dtype(value)


def test_dtype_facts():
    assert tf.float32.is_floating and not tf.float32.is_integer and tf.uint8.is_unsigned
    assert tf.int8.min == -128 and tf.int8.max == 127 and tf.float16.max == 65504
    assert tf.complex64.real_dtype is tf.float32 and tf.float32.size == 4
    assert tf.float32._as_ref.base_dtype is tf.float32 and tf.float32._as_ref._is_ref_dtype
    assert tf.float32 == "float32" and tf.float32 != tf.float64 and tf.float32 != "nonsense"
    assert repr(tf.float32) == "tf.float32" and str(tf.float32) == "<dtype: 'float32'>"
    assert {d.as_datatype_enum for d in (tf.float32, tf.string, tf.bool)} == {1, 7, 10}
    assert dtypes.bfloat16.limits == (0, 1)
