"""Assertions on arrays, tensors, errors and messages, under the names that `tf.test.TestCase` gives them."""

import contextlib
import re
import unittest
from collections.abc import Mapping

import numpy as np
from google.protobuf import text_format

from minitf.errors import OpError
from minitf.graph.operation import Tensor

HALF = ("float16", "bfloat16")


class Assertions(unittest.TestCase):
    """What a test can claim. Wherever an array is expected, a tensor is evaluated in the test's session."""

    def evaluate(self, tensors):
        """The value of tensors; `TestCase` fills this in."""
        raise NotImplementedError

    def _array(self, value):
        if isinstance(value, Tensor) or hasattr(value, "initialized_value"):
            value = self.evaluate(value)
        return value if isinstance(value, np.ndarray) else np.array(value)

    _GetNdArray = _array  # the name by which TensorFlow's own tests call it

    # -- equality and closeness

    def assertAllEqual(self, a, b, msg=None):
        """Same shape, same elements; NaN equals NaN."""
        a, b = self._array(a), self._array(b)
        self._assert_same_shape(a, b, msg)
        same = a == b
        if all(np.issubdtype(x.dtype, np.inexact) for x in (a, b)):
            same = same | ((a != a) & (b != b))
        if not np.all(same):
            self.fail(self._formatMessage(msg, self._differences("equal", a, b, ~np.asarray(same))))

    def assertNotAllEqual(self, a, b, msg=None):
        """Not `assertAllEqual`."""
        self._assert_not(self.assertAllEqual, "equal", a, b, msg=msg)

    def assertAllClose(self, a, b, rtol=1e-6, atol=1e-6, msg=None):
        """|a - b| <= atol + rtol |b| for each element; lists, tuples and dicts item by item."""
        if isinstance(a, Mapping) or isinstance(b, Mapping):
            self.assertIsInstance(a, Mapping, msg)
            self.assertIsInstance(b, Mapping, msg)
            self.assertCountEqual(a.keys(), b.keys(), msg)
            for key in a:
                self.assertAllClose(a[key], b[key], rtol, atol, msg)
        elif self._is_ragged(a) or self._is_ragged(b):
            self.assertEqual(len(a), len(b), msg)
            for item_a, item_b in zip(a, b, strict=True):
                self.assertAllClose(item_a, item_b, rtol, atol, msg)
        else:
            self._assert_arrays_close(self._array(a), self._array(b), rtol, atol, msg)

    def assertNotAllClose(self, a, b, rtol=1e-6, atol=1e-6, msg=None):
        """Not `assertAllClose`."""
        self._assert_not(self.assertAllClose, "close", a, b, rtol=rtol, atol=atol, msg=msg)

    def assertAllCloseAccordingToType(
        self, a, b, rtol=1e-6, atol=1e-6, float_rtol=1e-6, float_atol=1e-6, half_rtol=1e-3, half_atol=1e-3,
        bfloat16_rtol=1e-2, bfloat16_atol=1e-2, msg=None,
    ):  # fmt: skip
        """`assertAllClose` with the looser tolerance that the coarser of the two types deserves."""
        a, b = self._array(a), self._array(b)
        names = {a.dtype.name, b.dtype.name}
        for types, r, t in [
            (("float32", "complex64"), float_rtol, float_atol),
            (("float16",), half_rtol, half_atol),
            (("bfloat16",), bfloat16_rtol, bfloat16_atol),
        ]:
            if names & set(types):
                rtol, atol = max(rtol, r), max(atol, t)
        self.assertAllClose(a, b, rtol, atol, msg)

    def assertNear(self, f1, f2, err, msg=None):
        """|f1 - f2| <= err, or both are the same infinity."""
        self.assertTrue(
            f1 == f2 or abs(f1 - f2) <= err, self._formatMessage(msg, f"{f1!r} != {f2!r} +/- {err!r}")
        )

    def assertArrayNear(self, farray1, farray2, err, msg=None):
        """`assertNear` for each pair of two sequences of one length."""
        self.assertEqual(len(farray1), len(farray2), msg)
        for f1, f2 in zip(farray1, farray2, strict=True):
            self.assertNear(float(f1), float(f2), err, msg)

    def assertNDArrayNear(self, ndarray1, ndarray2, err, msg=None):
        """The distance of two arrays (root of the sum of squares) is at most `err`."""
        self.assertTrue(np.linalg.norm(np.asarray(ndarray1) - np.asarray(ndarray2)) < err, msg)

    # -- bounds

    def assertAllGreater(self, a, comparison_target):
        """Each element is greater."""
        self.assertTrue(np.all(self._array(a) > comparison_target), f"{a} is not all > {comparison_target}")

    def assertAllGreaterEqual(self, a, comparison_target):
        """Each element is at least that."""
        self.assertTrue(np.all(self._array(a) >= comparison_target), f"{a} is not all >= {comparison_target}")

    def assertAllLess(self, a, comparison_target):
        """Each element is less."""
        self.assertTrue(np.all(self._array(a) < comparison_target), f"{a} is not all < {comparison_target}")

    def assertAllLessEqual(self, a, comparison_target):
        """Each element is at most that."""
        self.assertTrue(np.all(self._array(a) <= comparison_target), f"{a} is not all <= {comparison_target}")

    def assertAllInRange(
        self, target, lower_bound, upper_bound, open_lower_bound=False, open_upper_bound=False
    ):  # fmt: skip
        """Each element lies between the bounds; an open bound is excluded."""
        values = self._array(target)
        above = values > lower_bound if open_lower_bound else values >= lower_bound
        below = values < upper_bound if open_upper_bound else values <= upper_bound
        self.assertTrue(np.all(above & below), f"{values} is not within {lower_bound} .. {upper_bound}")

    def assertAllInSet(self, target, expected_set):
        """Each element is one of the set."""
        strangers = set(self._array(target).ravel().tolist()) - set(expected_set)
        self.assertFalse(strangers, f"not in {expected_set}: {strangers}")

    # -- shapes, types, devices

    def assertShapeEqual(self, np_array, tf_tensor, msg=None):
        """The static shape of a tensor is that of an array."""
        self.assertIsInstance(tf_tensor, Tensor, msg)
        self.assertAllEqual(np.array(np_array).shape, tf_tensor.get_shape().as_list(), msg)

    def assertDTypeEqual(self, target, expected_dtype):
        """The element type of an array or of a tensor's value."""
        self.assertEqual(
            self._array(target).dtype, np.dtype(getattr(expected_dtype, "as_numpy_dtype", expected_dtype))
        )

    def assertDeviceEqual(self, device1, device2, msg=None):
        """Two names of one device, however they are spelled (`/cpu:0`, `/device:CPU:0`)."""
        self.assertEqual(_canonical(device1), _canonical(device2), msg)

    # -- errors

    @contextlib.contextmanager
    def assertRaisesWithPredicateMatch(self, exception_type, expected_err_re_or_predicate):
        """The block raises that type, with a message that the expression finds or the predicate accepts."""
        expected = expected_err_re_or_predicate
        try:
            yield
        except Exception as error:
            if isinstance(error, exception_type) and _matches(error, expected):
                return
            raise AssertionError(f"Exception of type {type(error).__name__}: {error}") from error
        self.fail(f"{exception_type.__name__} not raised")

    def assertRaisesOpError(self, expected_err_re_or_predicate):
        """The block raises an error of `tf.errors` with a message that the expression finds."""
        return self.assertRaisesWithPredicateMatch(OpError, expected_err_re_or_predicate)

    def assertRaisesIncompatibleShapesError(self, exception_type=OpError):
        """The block complains about shapes that do not fit each other."""
        return self.assertRaisesWithPredicateMatch(
            exception_type, r"Incompatible shapes|must be equal|required"
        )

    # -- text and messages

    def assertStartsWith(self, actual, expected_start, msg=None):
        """A text begins with another."""
        self.assertTrue(actual.startswith(expected_start), self._formatMessage(msg, f"{actual!r}"))

    def assertProtoEquals(self, expected_message_maybe_ascii, message, msg=None):
        """Two protocol messages are equal; the expected one may be given as text."""
        expected = expected_message_maybe_ascii
        if isinstance(expected, str):
            expected = text_format.Parse(expected, type(message)())
        self.assertEqual(expected, message, msg)

    # -- names that Python's unittest has given up

    def assertItemsEqual(self, first, second, msg=None):
        """The same items as often, in any order."""
        self.assertCountEqual(first, second, msg)

    def assertEquals(self, first, second, msg=None):
        """`assertEqual`."""
        self.assertEqual(first, second, msg)

    def assertRaisesRegexp(self, *args, **kwargs):
        """`assertRaisesRegex`."""
        return self.assertRaisesRegex(*args, **kwargs)

    def assertLen(self, container, expected_len, msg=None):
        """So many items."""
        self.assertEqual(len(container), expected_len, msg)

    def assertEmpty(self, container, msg=None):
        """No items."""
        self.assertLen(container, 0, msg)

    def assertBetween(self, value, minv, maxv, msg=None):
        """minv <= value <= maxv."""
        self.assertTrue(minv <= value <= maxv, self._formatMessage(msg, f"{minv} <= {value} <= {maxv}"))

    # -- how

    def _is_ragged(self, value):
        """A list of tensors or of arrays that do not form one array."""
        if not isinstance(value, list | tuple):
            return False
        return any(isinstance(item, Tensor | Mapping | list | tuple | np.ndarray) for item in value) and not (
            _forms_an_array(value)
        )

    def _assert_same_shape(self, a, b, msg):
        self.assertEqual(
            a.shape, b.shape, self._formatMessage(msg, f"Shape mismatch: expected {a.shape}, got {b.shape}")
        )

    def _assert_arrays_close(self, a, b, rtol, atol, msg):
        self._assert_same_shape(a, b, msg)
        if a.dtype.name in HALF or b.dtype.name in HALF:
            a, b = a.astype(np.float32), b.astype(np.float32)
        apart = ~np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=True)
        if apart.any():
            self.fail(
                self._formatMessage(msg, self._differences(f"close (rtol {rtol}, atol {atol})", a, b, apart))
            )

    def _differences(self, what, a, b, apart):
        places = np.argwhere(apart)
        shown = "\n".join(
            f"  at {tuple(map(int, p))}: {a[tuple(p)]!r} and {b[tuple(p)]!r}" for p in places[:5]
        )
        return f"Arrays are not {what}: {len(places)} of {a.size} elements\n{shown}"

    def _assert_not(self, claim, what, a, b, **options):
        try:
            claim(a, b, **options)
        except AssertionError:
            return
        self.fail(f"The two values are {what} at all elements.")


def _forms_an_array(value):
    try:
        return np.array(value).dtype != object
    except (ValueError, TypeError):
        return False


def _matches(error, expected):
    if callable(expected):
        return bool(expected(error))
    return re.search(expected, str(error)) is not None


def _canonical(device):
    """`/job:x/device:CPU:0`, from any spelling."""
    text = device.decode() if isinstance(device, bytes) else str(device or "")
    return re.sub(
        r"/(?:device:)?(cpu|gpu):", lambda m: f"/device:{m.group(1).upper()}:", text, flags=re.IGNORECASE
    )
